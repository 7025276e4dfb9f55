#include "http/http2_outflow.h"

namespace lintel::http {

void Http2Outflow::begin() {
    piece_ = {};
    trailers_ = {};
    sent_bytes_ = 0;
    last_ = finished_ = cut_ = waiting_ = false;
}

void Http2Outflow::offer(std::span<const char> piece, bool last, std::span<const Field> trailers) {
    piece_ = piece;
    last_ = last;
    trailers_ = trailers;
}

Task<int> Http2Outflow::taken(std::chrono::milliseconds stall) {
    while (!settled()) {
        if (cut_) { co_return -ECONNRESET; }
        const std::uint64_t sent_before = sent_bytes_;
        waiting_ = true;
        const int outcome = co_await taken_.until(loop_.after(stall));
        waiting_ = false;
        if (outcome != 0 && sent_bytes_ == sent_before) { co_return outcome; }
    }
    co_return 0;
}

void Http2Outflow::wake() {
    if (waiting_ && (cut_ || settled())) { taken_.wake(); }
}

void Http2Outflow::take(std::size_t bytes) {
    piece_ = piece_.subspan(bytes);
    sent_bytes_ += bytes;
}

}  // namespace lintel::http
