#include "async/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <cstring>

namespace lintel::async {

socklen_t to_sockaddr(const SocketAddress& address, sockaddr_storage& out) {
    if (address.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        v4.sin_addr.s_addr = htonl(address.address.v4_host_order());
        std::memcpy(&out, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, address.address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
}

SocketAddress from_sockaddr(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return {IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
    }
    // Whoever comes by a unix socket is on this machine.
    if (address.ss_family == AF_UNIX) { return {IpAddress::v4(INADDR_LOOPBACK), 0}; }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    IpAddress::Bytes bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return {IpAddress::from_bytes(bytes), ntohs(v6.sin6_port)};
}

SocketAddress local_address(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    return from_sockaddr(storage);
}

std::string to_string(const SocketAddress& address) {
    return address.address.is_v4()
               ? fmt::format("{}:{}", address.address.to_string(), address.port)
               : fmt::format("[{}]:{}", address.address.to_string(), address.port);
}

}  // namespace lintel::async
