// Blocking connections to a server under test that has threads of its own.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lintel::support {

/// A connection to a port of 127.0.0.1 whose reads end after 20 s, or -1.
inline int connect_to(std::uint16_t port) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return client;
    }
    ::close(client);
    return -1;
}

/// Sends the request and reads until the server closes; what came, also when it closed early.
inline std::string exchange_bytes(std::uint16_t port, std::string_view request) {
    const int client = connect_to(port);
    if (client < 0) { return {}; }
    for (ssize_t n = 0; !request.empty() && n >= 0;) {
        n = ::send(client, request.data(), request.size(), MSG_NOSIGNAL);
        request.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    std::string answer;
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = ::recv(client, piece.data(), piece.size(), 0)) > 0;) {
        answer.append(piece.data(), static_cast<std::size_t>(n));
    }
    ::close(client);
    return answer;
}

}  // namespace lintel::support
