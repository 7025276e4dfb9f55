// A non-blocking stream socket on a loop. Registered once, edge-triggered; readiness is remembered,
// so an operation is tried first and waits only when the kernel said there is nothing to do.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "async/loop.h"
#include "base/ip_address.h"

namespace lintel::async {

/// Bytes moved (recv: 0 = the peer closed its side), or a negative errno: -ETIMEDOUT when the
/// deadline passed, -ECANCELED after cancel().
using IoResult = std::int64_t;

struct SocketAddress {
    IpAddress address;
    std::uint16_t port = 0;
    auto operator<=>(const SocketAddress&) const = default;
};

class Channel;

/// What may stand between a socket and its bytes: TLS. Neither function waits.
class Layer {
public:
    virtual ~Layer() = default;
    /// Bytes read, 0 at the peer's orderly end, or a negative errno; -EAGAIN: again when the
    /// channel is readable.
    virtual IoResult recv(std::span<char> into) = 0;
    /// Bytes of the parts that are dealt with, or a negative errno; -EAGAIN: the same bytes again
    /// when the channel is writable.
    virtual IoResult send(std::span<const iovec> parts) = 0;
    /// Whether something may be read that the channel has already given.
    virtual bool has_buffered() const = 0;
    /// Tells the peer that nothing more comes.
    virtual void finish() = 0;
    /// What both ends agreed to speak (RFC 7301); empty when they did not.
    virtual std::string_view protocol() const = 0;
};

/// Whoever waits for a channel to become ready.
class SocketWait {
public:
    virtual ~SocketWait() = default;
    /// The channel became ready, was cut or expired.
    virtual void ready() = 0;
};

/// Told when the peer goes while nobody reads, so that nobody would notice.
class PeerWatch {
public:
    virtual ~PeerWatch() = default;
    /// Called from the loop, outside of any operation of the socket. May bury the socket's owner,
    /// not destroy it.
    virtual void peer_left() = 0;
};

/// The loop's view of one descriptor: readiness bits and at most one reader and one writer.
class Channel final : public EventSource {
public:
    Channel(Loop& loop, int descriptor);
    ~Channel() override;

    void on_events(std::uint32_t events) override;
    void cancel();

    Loop& loop;
    int descriptor;
    bool readable = false;  ///< registering reports what is there already
    bool writable = true;
    bool peer_closed = false;  ///< RDHUP or HUP seen: the end must still be read
    bool cancelled = false;
    bool cut = false;        ///< closing is no orderly end
    bool ends_next = false;  ///< what is sent may wait for the end
    bool dead = false;
    bool reader_expired = false;
    bool writer_expired = false;
    SocketWait* reader = nullptr;
    SocketWait* writer = nullptr;
    PeerWatch* watch = nullptr;
    std::unique_ptr<Layer> layer;  ///< none = the bytes are the peer's own

    void wait_to_read(SocketWait& wait);
    void wait_to_write(SocketWait& wait);
    /// Until when to wait; ready() is called then. Once more moves it.
    void read_until(Deadline deadline);
    void write_until(Deadline deadline);
    void done_reading();
    void done_writing();
    /// Whether trying to read may bring something.
    bool may_read() const { return readable || cancelled || (layer && layer->has_buffered()); }

private:
    struct Side final : Timer {
        Side(Channel& of, bool reading) : channel(of), reads(reading) {}
        void expired() override;
        Channel& channel;
        bool reads;
    };
    Side read_side_;
    Side write_side_;
};

/// One try on the descriptor itself: bytes, 0 at the end, or a negative errno; -EAGAIN when the
/// channel is not ready (any more).
IoResult receive_now(Channel& channel, std::span<char> into);
IoResult send_now(Channel& channel, std::span<iovec> parts);

/// One pending operation of a channel: tried when the channel is ready, in the loop's stages.
class SocketOperation : public SocketWait, public Operation {
public:
    ~SocketOperation() override = default;
    bool await_ready() const noexcept { return false; }
    IoResult await_resume() const { return result_; }

protected:
    SocketOperation(Channel& channel, Stage stage)
        : Operation(channel.loop, stage), channel_(channel) {}
    /// Tries what may be possible: at once when it is about much, since it would have left the
    /// cache by its turn. False: it is over.
    bool begin(std::size_t bytes);

    Channel& channel_;
    IoResult result_ = 0;

private:
    void ready() final { stage(); }
};

/// What waiting for something to read has in common.
class ReadOperation : public SocketOperation {
public:
    ~ReadOperation() override;
    bool await_suspend(std::coroutine_handle<> waiting);

protected:
    ReadOperation(Channel& channel, Stage stage, std::size_t room, Deadline deadline)
        : SocketOperation(channel, stage), room_(room), deadline_(deadline) {}

private:
    bool attempt() final;
    /// Bytes, 0 at the end, a negative errno; -EAGAIN: not yet.
    virtual IoResult read() = 0;

    std::size_t room_;
    Deadline deadline_;
};

/// Receives what is there, at least one byte.
class [[nodiscard]] RecvOp final : public ReadOperation {
public:
    RecvOp(Channel& channel, std::span<char> into, Deadline deadline)
        : ReadOperation(channel, Stage::Receive, into.size(), deadline), into_(into) {}

private:
    IoResult read() override;

    std::span<char> into_;
};

/// Waits until there is something to read (or the end), without needing a buffer yet. 0 or an
/// error.
class [[nodiscard]] ReadableOp final : public ReadOperation {
public:
    ReadableOp(Channel& channel, Deadline deadline)
        : ReadOperation(channel, Stage::Look, 0, deadline) {}

private:
    IoResult read() override;
};

/// Sends everything. Each byte of progress starts the stall time again.
class [[nodiscard]] SendOp final : public SocketOperation {
public:
    SendOp(Channel& channel, std::span<const char> bytes, std::chrono::milliseconds stall)
        : SocketOperation(channel, Stage::Send),
          single_{const_cast<char*>(bytes.data()), bytes.size()},
          parts_(&single_, 1),
          stall_(stall) {}
    /// `parts` are used up while sending.
    SendOp(Channel& channel, std::span<iovec> parts, std::chrono::milliseconds stall)
        : SocketOperation(channel, Stage::Send), parts_(parts), stall_(stall) {}
    ~SendOp() override;
    bool await_suspend(std::coroutine_handle<> waiting);
    /// Bytes the kernel took, also when the operation failed later.
    std::uint64_t sent() const { return static_cast<std::uint64_t>(sent_); }

private:
    bool attempt() override;
    /// All parts, or a negative errno; -EAGAIN: the rest when the channel is writable.
    IoResult send();
    bool advance(std::size_t sent);

    iovec single_{};
    std::span<iovec> parts_;
    std::chrono::milliseconds stall_;
    IoResult sent_ = 0;
    bool stalling_ = false;  ///< the stall time runs
};

/// Owns the descriptor; movable. Belongs to one loop and its thread. One coroutine may read while
/// another writes. Nobody may be waiting on it when it is destroyed: cancel those tasks first.
class Socket {
public:
    Socket() = default;
    /// Takes over a connected, non-blocking descriptor.
    static Result<Socket> adopt(Loop& loop, int descriptor);
    Socket(Socket&& other) noexcept = default;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket() { close(); }

    bool is_open() const { return channel_ != nullptr; }
    Loop& loop() const { return channel_->loop; }
    int descriptor() const { return channel_->descriptor; }

    RecvOp recv(std::span<char> into, Deadline deadline) {
        return RecvOp(*channel_, into, deadline);
    }
    ReadableOp readable(Deadline deadline) { return ReadableOp(*channel_, deadline); }
    /// Looks at what has arrived below any layer, without taking it: bytes, or a negative errno.
    IoResult peek(std::span<char> into);
    /// Like readable(), but for something new behind what peek() showed.
    ReadableOp more(Deadline deadline);
    /// Null = nobody wants to know any more.
    void watch_peer(PeerWatch* watch) { channel_->watch = watch; }
    /// The peer sends nothing more; what it sent may still be there.
    bool has_ended() const { return channel_->peer_closed; }
    SendOp send(std::span<const char> bytes, std::chrono::milliseconds stall) {
        return SendOp(*channel_, bytes, stall);
    }
    SendOp send(std::span<iovec> parts, std::chrono::milliseconds stall) {
        return SendOp(*channel_, parts, stall);
    }

    /// False once the peer closed or sent something unasked: an idle connection with news is not
    /// reusable. Costs no system call unless the last read filled its buffer exactly.
    bool is_quiet();
    /// Ends pending and later operations with -ECANCELED. Resumes nobody before returning.
    void cancel();
    /// What both ends agreed to speak by ALPN; empty without TLS.
    std::string_view protocol() const {
        return channel_->layer == nullptr ? std::string_view() : channel_->layer->protocol();
    }
    /// What is sent from now on may wait for the end, to travel in one segment with it (MSG_MORE).
    /// REQUIRES: finish_writing() or close() follows at once; the kernel waits for up to 200 ms.
    void end_follows() { channel_->ends_next = true; }
    /// No more bytes to the peer.
    void finish_writing();
    /// Closing resets the connection instead of ending it cleanly: for answers cut midway.
    void reset_on_close();
    void close();

    /// For owners that watch an idle socket instead of awaiting it (connection pools).
    Channel& channel() { return *channel_; }

private:
    explicit Socket(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

    std::unique_ptr<Channel> channel_;
};

/// Connects: the socket, or a negative errno (-ETIMEDOUT at the deadline). The caller has decided
/// that the address may be reached; use Connector for anything a request causes.
Task<std::expected<Socket, int>> connect(Loop& loop, SocketAddress to, Deadline deadline);

}  // namespace lintel::async
