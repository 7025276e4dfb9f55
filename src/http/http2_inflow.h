// The body that arrives on one stream of HTTP/2. What the peer may send ahead is bounded by the
// stream's window: reading is what opens it again. Internal to HTTP/2.
#pragma once

#include <list>
#include <optional>
#include <span>
#include <string_view>

#include "async/buffer.h"
#include "async/waiter.h"
#include "http/body.h"
#include "http/body_pace.h"
#include "http/trailers.h"

namespace lintel::http {

class Http2Stream;

/// Part of a stream; read by one coroutine.
class Http2Inflow final : public BodyReader {
public:
    /// How failures are called on this side.
    struct Failures {
        Code late;              ///< the peer paused for too long
        Code broken;            ///< the peer gave the stream up
        std::string_view peer;  ///< "the client"
    };

    Http2Inflow(Http2Stream& stream, async::Loop& loop, BodyTimes times, Failures failures);

    // For the connection. All but wake() may be called from inside nghttp2.
    void begin();
    void add(std::span<const char> bytes);
    bool add_trailer(std::string_view name, std::string_view value) {
        return trailers_.add(name, value);
    }
    void end() { ended_ = true; }
    /// The peer waits until somebody wants the body.
    void announce_reading() { announces_ = true; }
    void set_pace(BodyTimes times) { pace_ = BodyPace(times); }
    /// Nothing more comes, and what came is not all.
    void cut() { cut_ = !ended_; }
    void wake();
    /// Drops the memory. The number of bytes that nobody gave credit for.
    std::size_t abandon();

    Task<Result<std::span<const char>>> read() override;
    std::optional<std::span<const char>> take_whole() override;
    std::span<const Field> trailers() const override { return trailers_.all(); }

    /// The peer has sent the end.
    bool ended() const { return ended_; }
    std::uint64_t received_bytes() const { return pace_.received(); }

private:
    struct Segment {
        async::Buffer buffer;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    /// The reader is done with the piece it has.
    void release();
    std::span<const char> next_piece();

    Http2Stream& stream_;
    async::Loop& loop_;
    const Failures failures_;
    BodyPace pace_;
    async::Waiter arrived_;
    std::list<Segment> segments_;  // costs nothing while there is no body
    std::size_t lent_ =
        0;  ///< size of the piece the reader has; it is the begin of the first segment
    Trailers trailers_;
    bool waiting_ = false;
    bool announces_ = false;
    bool ended_ = true;
    bool cut_ = false;
};

}  // namespace lintel::http
