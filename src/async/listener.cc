#include "async/listener.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/socket_address.h"
#include "base/log.h"

namespace lintel::async {
namespace {

constexpr int kAcceptsPerEvent = 32;                     ///< then others get their turn
constexpr std::chrono::milliseconds kPause{256};         ///< when descriptors ran out
constexpr std::chrono::milliseconds kTellEvery{10'000};  ///< one line of that in the log

}  // namespace

/// The listening descriptor on its loop: level-triggered, so that what is not accepted now is
/// reported again; exclusive, so that a queue that several workers share wakes one of them.
class Listener::Source final : public EventSource, private Timer {
public:
    Source(Loop& on, ListenSocket socket, std::function<void(Accepted)> on_accept)
        : loop(on), where(socket.where()), accept_(std::move(on_accept)) {
        descriptor_ = socket.release();
        resume();
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
    ListenAddress where;

private:
    void welcome(int descriptor, SocketAddress peer) {
        SocketAddress local = where.ip;
        if (local.address.is_unspecified()) { local = local_address(descriptor); }
        auto socket = Socket::adopt(loop, descriptor);
        if (socket) { accept_({*std::move(socket), peer, local, where.is_unix()}); }
    }
    /// Out of descriptors or memory: the kernel would report the waiting connections without end.
    void pause(int error) {
        if (loop.now_ms() >= tell_at_ms_) {
            tell_at_ms_ = loop.after(kTellEvery).at_ms;
            log::warn("accepting connections is paused",
                      {{"address", to_string(where)}, {"error", std::strerror(error)}});
        }
        loop.unwatch(descriptor_);
        loop.deadlines().arm(*this, loop.after(kPause));
    }
    void resume() {
        const int error = loop.watch(descriptor_, EPOLLIN | EPOLLEXCLUSIVE, *this);
        LINTEL_ASSERT(error == 0, "a listening socket cannot be watched");
    }
    void expired() override {
        if (descriptor_ >= 0) { resume(); }
    }

    int descriptor_ = -1;
    std::uint64_t tell_at_ms_ = 0;
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
    return source_->where.ip;
}

}  // namespace lintel::async
