// The body that leaves on one stream of HTTP/2, a piece at a time: the peer's windows and the other
// streams decide when. Internal to HTTP/2.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "async/waiter.h"
#include "http/message.h"

namespace lintel::http {

/// Part of a stream; fed by one coroutine, emptied by the connection.
class Http2Outflow {
public:
    enum class Sent : std::uint8_t {
        Complete,
        PeerGone,      ///< the stream was closed before its end
        TooSlow,       ///< the peer did not take a piece in time
        StreamFailed,  ///< see Http2Stream::source_error()
    };

    explicit Http2Outflow(async::Loop& loop) : loop_(loop), taken_(loop) {}

    void begin();
    /// The next piece; it must stay until taken(). `last`: nothing follows but `trailers`.
    void offer(std::span<const char> piece, bool last, std::span<const Field> trailers = {});
    /// Waits until the piece is on its way: 0, -ETIMEDOUT when the peer takes nothing for so long,
    /// or -ECONNRESET.
    Task<int> taken(std::chrono::milliseconds stall);
    void wake();
    /// The stream is closed: nothing more will be taken.
    void cut() { cut_ = true; }

    // For the connection, from inside nghttp2.
    std::span<const char> piece() const { return piece_; }
    bool has_something() const { return !piece_.empty() || last_; }
    bool last() const { return last_; }
    std::span<const Field> trailers() const { return trailers_; }
    void take(std::size_t bytes);
    /// The end was sent.
    void finish() { finished_ = true; }

    std::uint64_t sent_bytes() const { return sent_bytes_; }

private:
    bool settled() const { return last_ ? finished_ : piece_.empty(); }

    async::Loop& loop_;
    std::span<const char> piece_;
    std::span<const Field> trailers_;
    async::Waiter taken_;
    std::uint64_t sent_bytes_ = 0;
    bool last_ = false;
    bool finished_ = false;
    bool cut_ = false;
    bool waiting_ = false;
};

}  // namespace lintel::http
