#include "async/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/socket_address.h"
#include "base/log.h"

namespace lintel::async {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerEvent = 32;              ///< then others get their turn
constexpr std::chrono::milliseconds kPause{256};  ///< when descriptors ran out

std::unexpected<Error> cannot_listen(const SocketAddress& at, int error) {
    const std::string where = to_string(at);
    if (error == EADDRINUSE) {
        return fail(Code::StartFailed,
                    fmt::format("{} is in use by another program; stop it or choose another "
                                "address",
                                where));
    }
    return fail(Code::StartFailed,
                fmt::format("cannot listen on {}: {}", where, std::strerror(error)));
}

/// A bound descriptor, or a negative errno.
int bound(const SocketAddress& at, bool shared) {
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(at, storage);
    const int descriptor =
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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

SocketAddress local_address(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    return from_sockaddr(storage);
}

}  // namespace

Result<std::vector<ListenSocket>> ListenSocket::open(SocketAddress at, std::size_t count) {
    // A shared port can be bound by a second Lintel of the same user without an error, so the port
    // is first claimed alone: that fails when anybody listens there.
    const int probe = bound(at, false);
    if (probe < 0) { return cannot_listen(at, -probe); }
    if (::listen(probe, 1) < 0) {
        const int error = errno;
        ::close(probe);
        return cannot_listen(at, error);
    }
    at.port = local_address(probe).port;
    ::close(probe);
    std::vector<ListenSocket> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        const int descriptor = bound(at, true);
        if (descriptor < 0) { return cannot_listen(at, -descriptor); }
        ListenSocket socket(descriptor, at);
        if (::listen(descriptor, kBacklog) < 0) { return cannot_listen(at, errno); }
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), address_(other.address_) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) { ::close(descriptor_); }
        descriptor_ = std::exchange(other.descriptor_, -1);
        address_ = other.address_;
    }
    return *this;
}

ListenSocket::~ListenSocket() {
    if (descriptor_ >= 0) { ::close(descriptor_); }
}

int ListenSocket::release() {
    return std::exchange(descriptor_, -1);
}

/// The listening descriptor on its loop: level-triggered, so that what is not accepted now is
/// reported again.
class Listener::Source final : public EventSource, private Timer {
public:
    Source(Loop& on, ListenSocket socket, std::function<void(Accepted)> on_accept)
        : loop(on), address(socket.address()), accept_(std::move(on_accept)) {
        descriptor_ = socket.release();
        const int error = loop.watch(descriptor_, EPOLLIN, *this);
        LINTEL_ASSERT(error == 0, "a listening socket cannot be watched");
    }
    ~Source() override { close(); }

    void close() {
        if (descriptor_ < 0) { return; }
        loop.unwatch(descriptor_);
        ::close(descriptor_);
        descriptor_ = -1;
    }

    void on_events(std::uint32_t) override {
        for (int i = 0; i < kAcceptsPerEvent && descriptor_ >= 0; ++i) {
            sockaddr_storage peer{};
            socklen_t size = sizeof peer;
            const int descriptor = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size,
                                             SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) {
                if (errno == ECONNABORTED || errno == EINTR) { continue; }
                if (errno != EAGAIN && errno != EWOULDBLOCK) { pause(errno); }
                return;
            }
            welcome(descriptor, from_sockaddr(peer));
        }
    }

    Loop& loop;
    SocketAddress address;

private:
    void welcome(int descriptor, SocketAddress peer) {
        SocketAddress local = address;
        if (address.address.is_unspecified()) { local = local_address(descriptor); }
        auto socket = Socket::adopt(loop, descriptor);
        if (socket) { accept_({*std::move(socket), peer, local}); }
    }
    /// Out of descriptors or memory: the kernel would report the waiting connections without end.
    void pause(int error) {
        log::warn("accepting connections is paused",
                  {{"address", to_string(address)}, {"error", std::strerror(error)}});
        loop.rewatch(descriptor_, 0, *this);
        loop.deadlines().arm(*this, loop.after(kPause));
    }
    void expired() override {
        if (descriptor_ >= 0) { loop.rewatch(descriptor_, EPOLLIN, *this); }
    }

    int descriptor_ = -1;
    std::function<void(Accepted)> accept_;
};

Listener::Listener(Loop& loop, ListenSocket socket, std::function<void(Accepted)> accept)
    : source_(std::make_unique<Source>(loop, std::move(socket), std::move(accept))) {}

Listener::~Listener() {
    source_->close();
    Loop& loop = source_->loop;
    loop.bury(std::move(source_));
}

SocketAddress Listener::address() const {
    return source_->address;
}

}  // namespace lintel::async
