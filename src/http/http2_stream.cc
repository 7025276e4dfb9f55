#include "http/http2_stream.h"

#include <cerrno>

#include "http/http2_connection.h"

namespace lintel::http {

Http2Stream::Http2Stream(async::Loop& loop, BodyTimes times, Http2Inflow::Failures failures)
    : inflow_(*this, loop, times, failures), outflow_(loop) {}

Http2Stream::~Http2Stream() {
    end_stream(Http2Error::Cancel);
}

void Http2Stream::begin_stream(Http2Connection& connection) {
    connection_ = &connection;
    id_ = -1;
    close_code_ = 0;
    closed_ = head_done_ = noted_ = false;
    inflow_.begin();
    outflow_.begin();
}

void Http2Stream::end_stream(Http2Error why) {
    const std::size_t unread = inflow_.abandon();
    if (connection_ == nullptr) { return; }
    if (!closed_ && id_ >= 0) { connection_->reset(*this, why); }
    connection_->leave(*this, unread);
    connection_ = nullptr;
}

void Http2Stream::credit(std::size_t bytes) {
    if (connection_ != nullptr) { connection_->credit(*this, bytes); }
}

/// A stream while its bytes wait to be taken.
class Http2Stream::Blocked {
public:
    explicit Blocked(Http2Stream& stream) : stream_(stream) { ++stream_.connection_->blocked_; }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;
    ~Blocked() {
        if (stream_.connection_ != nullptr) { --stream_.connection_->blocked_; }
    }

private:
    Http2Stream& stream_;
};

Task<Http2Outflow::Sent> Http2Stream::pass(std::chrono::milliseconds stall) {
    using Sent = Http2Outflow::Sent;
    connection_->resume(*this);
    const Blocked blocked(*this);
    const int outcome = co_await outflow_.taken(stall);
    if (outcome == 0) { co_return Sent::Complete; }
    co_return outcome == -ETIMEDOUT ? Sent::TooSlow : Sent::PeerGone;
}

Task<Http2Outflow::Sent> Http2Stream::send_body(std::string_view whole,
                                                std::chrono::milliseconds stall) {
    outflow_.offer(whole, true);
    co_return co_await pass(stall);
}

Task<Http2Outflow::Sent> Http2Stream::send_body(BodyReader& source, std::span<const char> first,
                                                Framing framing, std::chrono::milliseconds stall) {
    const bool counted = framing.kind == Framing::Kind::Length;
    std::uint64_t left = framing.length;
    Result<std::span<const char>> piece = first;
    while (true) {
        if (!piece) {
            source_error_ = std::move(piece).error();
            co_return Http2Outflow::Sent::StreamFailed;
        }
        if (counted && (piece->size() > left || (piece->empty() && left > 0))) {
            source_error_ = {Code::Internal, "the body has not the length that was stated"};
            co_return Http2Outflow::Sent::StreamFailed;
        }
        left -= counted ? piece->size() : 0;
        if (closed_) { co_return Http2Outflow::Sent::PeerGone; }
        const bool last = counted ? left == 0 : piece->empty();
        const std::span<const Field> trailers = last ? source.trailers() : std::span<const Field>();
        outflow_.offer(*piece, last, trailers);
        const Http2Outflow::Sent sent = co_await pass(stall);
        if (sent != Http2Outflow::Sent::Complete || last) { co_return sent; }
        piece = co_await source.read();
    }
}

}  // namespace lintel::http
