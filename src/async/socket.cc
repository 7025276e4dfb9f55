#include "async/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/socket_address.h"

namespace lintel::async {
namespace {

/// Bytes of a head and a small body.
constexpr std::size_t kMuch = 16U << 10;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

// What the C library has for these are cancellation points: two atomic operations a call in a
// program with threads, for a way to end threads that nobody here uses.
ssize_t receive(int descriptor, void* into, std::size_t size) {
    return ::syscall(SYS_recvfrom, descriptor, into, size, 0, nullptr, nullptr);
}
ssize_t send(int descriptor, const void* from, std::size_t size, int flags) {
    return ::syscall(SYS_sendto, descriptor, from, size, flags, nullptr, 0);
}

}  // namespace

Channel::Channel(Loop& on, int of)
    : loop(on), descriptor(of), read_side_(*this, true), write_side_(*this, false) {}

Channel::~Channel() {
    if (descriptor >= 0) { ::close(descriptor); }
}

void Channel::Side::expired() {
    SocketWait* wait = reads ? channel.reader : channel.writer;
    if (wait == nullptr) { return; }
    (reads ? channel.reader_expired : channel.writer_expired) = true;
    wait->ready();
}

void Channel::on_events(std::uint32_t events) {
    if (dead) { return; }
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) { peer_closed = true; }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) { readable = true; }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) { writable = true; }
    if (readable && reader != nullptr) { reader->ready(); }
    if (!dead && writable && writer != nullptr) { writer->ready(); }
    const bool left = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (left && !dead && reader == nullptr && watch != nullptr) { watch->peer_left(); }
}

void Channel::cancel() {
    cancelled = true;
    // The kernel reports the shutdown as an event, so that pending operations end in their own
    // turn.
    ::shutdown(descriptor, SHUT_RDWR);
}

void Channel::wait_to_read(SocketWait& wait) {
    LINTEL_ASSERT(reader == nullptr, "a socket has one reader at a time");
    reader = &wait;
}

void Channel::wait_to_write(SocketWait& wait) {
    LINTEL_ASSERT(writer == nullptr, "a socket has one writer at a time");
    writer = &wait;
}

void Channel::read_until(Deadline deadline) {
    if (!deadline.is_never()) { loop.deadlines().arm(read_side_, deadline); }
}

void Channel::write_until(Deadline deadline) {
    if (!deadline.is_never()) { loop.deadlines().arm(write_side_, deadline); }
}

void Channel::done_reading() {
    reader = nullptr;
    reader_expired = false;
    read_side_.disarm();
}

void Channel::done_writing() {
    writer = nullptr;
    writer_expired = false;
    write_side_.disarm();
}

// ---- bytes --------------------------------------------------------------------------------------

IoResult receive_now(Channel& channel, std::span<char> into) {
    while (channel.readable) {
        const ssize_t got = receive(channel.descriptor, into.data(), into.size());
        if (got >= 0) {
            // A short read emptied the socket: the next one need not be tried. Once the peer
            // closed, no further event will come, so the end must be read without one.
            if (static_cast<std::size_t>(got) < into.size() && !channel.peer_closed) {
                channel.readable = false;
            }
            return got;
        }
        if (would_block(errno)) {
            channel.readable = false;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return -EAGAIN;
}

IoResult send_now(Channel& channel, std::span<iovec> parts) {
    const int flags = MSG_NOSIGNAL | (channel.ends_next ? MSG_MORE : 0);
    while (channel.writable) {
        ssize_t sent = 0;
        if (parts.size() == 1) {
            sent = send(channel.descriptor, parts[0].iov_base, parts[0].iov_len, flags);
        } else {
            msghdr message{};
            message.msg_iov = parts.data();
            message.msg_iovlen = parts.size();
            sent = ::sendmsg(channel.descriptor, &message, flags);
        }
        if (sent >= 0) { return sent; }
        if (would_block(errno)) {
            channel.writable = false;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return -EAGAIN;
}

// ---- operations ---------------------------------------------------------------------------------

bool SocketOperation::begin(std::size_t bytes) {
    if (bytes <= kMuch) {
        stage();
        return true;
    }
    if (!attempt()) { return true; }
    waiting_ = nullptr;
    return false;
}

bool ReadOperation::await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    channel_.wait_to_read(*this);
    if (channel_.may_read()) { return begin(room_); }
    channel_.read_until(deadline_);
    return true;
}

bool ReadOperation::attempt() {
    if (channel_.cancelled) {
        result_ = -ECANCELED;
    } else if (channel_.reader_expired) {
        result_ = -ETIMEDOUT;
    } else {
        result_ = read();
        if (result_ == -EAGAIN) {
            channel_.read_until(deadline_);
            return false;
        }
    }
    channel_.done_reading();
    return true;
}

ReadOperation::~ReadOperation() {
    if (is_awaited()) { channel_.done_reading(); }
}

IoResult RecvOp::read() {
    const IoResult got =
        channel_.layer ? channel_.layer->recv(into_) : receive_now(channel_, into_);
    brought_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got;
}

IoResult ReadableOp::read() {
    const bool now = channel_.readable || (channel_.layer && channel_.layer->has_buffered());
    return now ? 0 : -EAGAIN;
}

bool SendOp::await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    channel_.wait_to_write(*this);
    if (channel_.writable || channel_.cancelled) {
        std::size_t bytes = 0;
        for (const iovec& part : parts_) {
            bytes += part.iov_len;
        }
        return begin(bytes);
    }
    channel_.write_until(channel_.loop.after(stall_));
    stalling_ = true;
    return true;
}

bool SendOp::attempt() {
    if (channel_.cancelled) {
        result_ = -ECANCELED;
    } else if (channel_.writer_expired) {
        result_ = -ETIMEDOUT;
    } else {
        const IoResult before = sent_;
        result_ = send();
        if (result_ == -EAGAIN) {
            if (sent_ > before || !stalling_) { channel_.write_until(channel_.loop.after(stall_)); }
            stalling_ = true;
            return false;
        }
    }
    channel_.done_writing();
    return true;
}

IoResult SendOp::send() {
    while (true) {
        const IoResult sent =
            channel_.layer ? channel_.layer->send(parts_) : send_now(channel_, parts_);
        if (sent < 0) { return sent; }
        if (advance(static_cast<std::size_t>(sent))) { return sent_; }
    }
}

bool SendOp::advance(std::size_t sent) {
    sent_ += static_cast<IoResult>(sent);
    while (!parts_.empty() && sent >= parts_.front().iov_len) {
        sent -= parts_.front().iov_len;
        parts_ = parts_.subspan(1);
    }
    if (parts_.empty()) { return true; }
    parts_.front().iov_base = static_cast<char*>(parts_.front().iov_base) + sent;
    parts_.front().iov_len -= sent;
    return false;
}

SendOp::~SendOp() {
    if (is_awaited()) { channel_.done_writing(); }
}

// ---- socket -------------------------------------------------------------------------------------

Result<Socket> Socket::adopt(Loop& loop, int descriptor) {
    auto channel = std::make_unique<Channel>(loop, descriptor);
    const int error = loop.watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *channel);
    if (error != 0) {
        return fail(Code::Internal, "a socket cannot be watched", std::strerror(error));
    }
    return Socket(std::move(channel));
}

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        close();
        channel_ = std::move(other.channel_);
    }
    return *this;
}

void Socket::close() {
    if (!channel_) { return; }
    LINTEL_ASSERT(channel_->reader == nullptr && channel_->writer == nullptr,
                  "a socket was closed while someone waited on it");
    if (channel_->layer && !channel_->cut && !channel_->cancelled) { channel_->layer->finish(); }
    // What waits for the end would be lost if closing found unread bytes and reset the connection.
    if (channel_->ends_next && !channel_->cut) { ::shutdown(channel_->descriptor, SHUT_WR); }
    channel_->dead = true;
    // Closing the descriptor takes it out of the event queue.
    ::close(channel_->descriptor);
    channel_->descriptor = -1;
    Loop& loop = channel_->loop;
    loop.bury(std::move(channel_));
}

IoResult Socket::peek(std::span<char> into) {
    const ssize_t seen = ::recv(channel_->descriptor, into.data(), into.size(), MSG_PEEK);
    return seen >= 0 ? seen : -errno;
}

ReadableOp Socket::more(Deadline deadline) {
    // Events are edges: the next one comes with the next bytes. Behind the end there is none.
    if (!channel_->peer_closed) { channel_->readable = false; }
    return ReadableOp(*channel_, deadline);
}

bool Socket::is_quiet() {
    if (channel_->cancelled || channel_->peer_closed) { return false; }
    if (!channel_->readable) { return true; }
    char unasked = 0;
    const ssize_t got = ::recv(channel_->descriptor, &unasked, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && would_block(errno)) {
        channel_->readable = false;
        return true;
    }
    return false;
}

void Socket::cancel() {
    channel_->cancel();
}

void Socket::finish_writing() {
    if (channel_->layer) { channel_->layer->finish(); }
    ::shutdown(channel_->descriptor, SHUT_WR);
}

void Socket::reset_on_close() {
    channel_->cut = true;
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(channel_->descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

namespace {

/// Waits until a connecting socket is writable. 0 or a negative errno.
class ConnectOp final : public SocketOperation {
public:
    ConnectOp(Channel& channel, Deadline deadline)
        : SocketOperation(channel, Stage::Send), deadline_(deadline) {}
    ~ConnectOp() override {
        if (is_awaited()) { channel_.done_writing(); }
    }
    void await_suspend(std::coroutine_handle<> waiting) {
        waiting_ = waiting;
        channel_.wait_to_write(*this);
        channel_.write_until(deadline_);
        if (channel_.writable) { stage(); }
    }

private:
    bool attempt() override {
        if (channel_.writer_expired) {
            result_ = -ETIMEDOUT;
        } else if (channel_.writable) {
            int error = 0;
            socklen_t size = sizeof error;
            ::getsockopt(channel_.descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
            result_ = -error;
        } else {
            return false;
        }
        channel_.done_writing();
        return true;
    }

    Deadline deadline_;
};

}  // namespace

Task<std::expected<Socket, int>> connect(Loop& loop, SocketAddress to, Deadline deadline) {
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr(to, storage);
    const int descriptor =
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) { co_return std::unexpected(-errno); }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int begun = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&storage), size);
    if (begun < 0 && errno != EINPROGRESS) {
        const int error = errno;
        ::close(descriptor);
        co_return std::unexpected(-error);
    }
    auto adopted = Socket::adopt(loop, descriptor);
    if (!adopted) { co_return std::unexpected(-ENOMEM); }
    Socket socket = *std::move(adopted);
    socket.channel().writable = begun == 0;
    const IoResult connected = co_await ConnectOp(socket.channel(), deadline);
    if (connected != 0) { co_return std::unexpected(static_cast<int>(connected)); }
    co_return std::move(socket);
}

}  // namespace lintel::async
