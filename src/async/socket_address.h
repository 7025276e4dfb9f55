// Between our addresses and the kernel's.
#pragma once

#include <sys/socket.h>

#include <string>

#include "async/socket.h"

namespace lintel::async {

/// Fills an IPv4 or IPv6 address; its size.
socklen_t to_sockaddr(const SocketAddress& address, sockaddr_storage& out);
/// That of a unix socket is 127.0.0.1, port 0.
SocketAddress from_sockaddr(const sockaddr_storage& address);
/// Of a socket, as the kernel has it.
SocketAddress local_address(int descriptor);
/// "127.0.0.1:8080", "[::1]:8080".
std::string to_string(const SocketAddress& address);

}  // namespace lintel::async
