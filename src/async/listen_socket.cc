#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/listener.h"
#include "async/socket_address.h"

namespace lintel::async {
namespace {

constexpr int kBacklog = 4096;
constexpr int kSocketType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

std::unexpected<Error> cannot_listen(const ListenAddress& at, std::string_view why) {
    return fail(Code::StartFailed, fmt::format("cannot listen on {}: {}", to_string(at), why));
}

std::unexpected<Error> cannot_listen(const ListenAddress& at, int error) {
    if (error == EADDRINUSE) {
        return fail(Code::StartFailed,
                    fmt::format("{} is in use by another program; stop it or choose another "
                                "address",
                                to_string(at)));
    }
    return cannot_listen(at, std::strerror(error));
}

/// A bound descriptor, or a negative errno.
int bound(const SocketAddress& at, bool shared) {
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(at, storage);
    const int descriptor = ::socket(storage.ss_family, kSocketType, 0);
    if (descriptor < 0) { return -errno; }
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // connections inherit it
    if (shared) { ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on); }
    if (storage.ss_family == AF_INET6) {
        // "::" serves IPv4 clients too.
        const int off = 0;
        ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), size) < 0) {
        const int error = errno;
        ::close(descriptor);
        return -error;
    }
    return descriptor;
}

// ---- unix sockets -------------------------------------------------------------------------------

/// False when the path is too long for the kernel.
bool to_sockaddr(const std::string& path, sockaddr_un& out) {
    out = {};
    out.sun_family = AF_UNIX;
    if (path.size() >= sizeof out.sun_path) { return false; }
    std::memcpy(out.sun_path, path.data(), path.size());
    return true;
}

/// Whether somebody accepts at the path.
bool is_served(const sockaddr_un& at) {
    const int probe = ::socket(AF_UNIX, kSocketType, 0);
    if (probe < 0) { return true; }
    const bool refused = ::connect(probe, reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0 &&
                         errno == ECONNREFUSED;
    ::close(probe);
    return !refused;
}

/// Makes the path free: it is, or what lies there is a socket that nobody serves any more.
Status clear_path(const ListenAddress& at, const sockaddr_un& address) {
    struct stat found{};
    if (::lstat(at.path.c_str(), &found) != 0) {
        if (errno == ENOENT) { return {}; }
        return cannot_listen(at, errno);
    }
    if (!S_ISSOCK(found.st_mode)) {
        return cannot_listen(at,
                             "a file that is no socket lies there; remove it or choose another "
                             "path");
    }
    if (is_served(address)) { return cannot_listen(at, EADDRINUSE); }
    if (::unlink(at.path.c_str()) != 0) { return cannot_listen(at, errno); }
    return {};
}

/// A bound descriptor, or a negative errno.
int bound_to_path(const ListenAddress& at, const sockaddr_un& address) {
    const int descriptor = ::socket(AF_UNIX, kSocketType, 0);
    if (descriptor < 0) { return -errno; }
    // The mode of the descriptor limits that of the path, so nobody slips in before chmod.
    const bool good =
        ::fchmod(descriptor, at.mode) == 0 &&
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::chmod(at.path.c_str(), at.mode) == 0;
    if (good) { return descriptor; }
    const int error = errno;
    ::close(descriptor);
    return -error;
}

/// What the kernel says about a descriptor of whatever kind.
ListenAddress place_of(int descriptor) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    if (address.sun_family != AF_UNIX) { return {.ip = local_address(descriptor)}; }
    // The kernel ends a path of full length with nothing.
    const std::size_t length = ::strnlen(address.sun_path, sizeof address.sun_path);
    return {.ip = local_address(descriptor), .path = std::string(address.sun_path, length)};
}

bool accepts_connections(int descriptor) {
    int listening = 0;
    int type = 0;
    socklen_t size = sizeof listening;
    const bool known =
        ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 &&
        ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    return known && listening == 1 && type == SOCK_STREAM;
}

}  // namespace

std::string to_string(const ListenAddress& address) {
    return address.is_unix() ? "unix:" + address.path : to_string(address.ip);
}

Result<std::vector<ListenSocket>> ListenSocket::open_at(const ListenAddress& at,
                                                        std::size_t count) {
    std::vector<ListenSocket> sockets;
    if (at.is_unix()) {
        sockaddr_un address{};
        if (!to_sockaddr(at.path, address)) {
            return cannot_listen(
                at, fmt::format("the path is longer than {} bytes", sizeof address.sun_path - 1));
        }
        RETURN_IF_ERROR(clear_path(at, address));
        const int descriptor = bound_to_path(at, address);
        if (descriptor < 0) { return cannot_listen(at, -descriptor); }
        sockets.push_back(ListenSocket(
            descriptor, {.ip = local_address(descriptor), .path = at.path, .mode = at.mode}));
        if (::listen(descriptor, kBacklog) < 0) { return cannot_listen(at, errno); }
        while (sockets.size() < count) {
            ASSIGN_OR_RETURN(ListenSocket other, sockets.front().duplicate());
            sockets.push_back(std::move(other));
        }
        return sockets;
    }
    // A shared port can be bound by a second Lintel of the same user without an error, so the port
    // is first claimed alone: that fails when anybody listens there.
    const int probe = bound(at.ip, false);
    if (probe < 0) { return cannot_listen(at, -probe); }
    if (::listen(probe, 1) < 0) {
        const int error = errno;
        ::close(probe);
        return cannot_listen(at, error);
    }
    const SocketAddress ip{.address = at.ip.address, .port = local_address(probe).port};
    ::close(probe);
    while (sockets.size() < count) {
        const int descriptor = bound(ip, true);
        if (descriptor < 0) { return cannot_listen(at, -descriptor); }
        sockets.push_back(ListenSocket(descriptor, {.ip = ip}));
        if (::listen(descriptor, kBacklog) < 0) { return cannot_listen(at, errno); }
    }
    return sockets;
}

Result<ListenSocket> ListenSocket::adopt(int descriptor) {
    ListenSocket socket(descriptor, place_of(descriptor));
    const int flags = ::fcntl(descriptor, F_GETFL);
    const int on = 1;  // means nothing to a unix socket
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool good = accepts_connections(descriptor) &&
                      ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
                      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
    if (good) { return socket; }
    return fail(Code::StartFailed,
                fmt::format("descriptor {}, which was handed over, is no listening stream socket",
                            descriptor));
}

Result<ListenSocket> ListenSocket::duplicate() const {
    const int descriptor = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) { return cannot_listen(where_, errno); }
    return ListenSocket(descriptor, where_);
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), where_(std::move(other.where_)) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) { ::close(descriptor_); }
        descriptor_ = std::exchange(other.descriptor_, -1);
        where_ = std::move(other.where_);
    }
    return *this;
}

ListenSocket::~ListenSocket() {
    if (descriptor_ >= 0) { ::close(descriptor_); }
}

int ListenSocket::release() {
    return std::exchange(descriptor_, -1);
}

}  // namespace lintel::async
