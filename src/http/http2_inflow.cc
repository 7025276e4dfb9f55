#include "http/http2_inflow.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/http2_connection.h"

namespace lintel::http {

Http2Inflow::Http2Inflow(Http2Stream& stream, async::Loop& loop, BodyTimes times, Failures failures)
    : stream_(stream), loop_(loop), failures_(failures), pace_(times), arrived_(loop) {}

void Http2Inflow::begin() {
    pace_.begin();
    trailers_.clear();
    segments_.clear();
    lent_ = 0;
    ended_ = cut_ = waiting_ = announces_ = false;
}

void Http2Inflow::add(std::span<const char> bytes) {
    pace_.received(bytes.size());
    while (!bytes.empty()) {
        if (segments_.empty() || segments_.back().end == segments_.back().buffer.size()) {
            segments_.emplace_back(async::Buffer::lend(async::Buffer::kSmall));
        }
        Segment& last = segments_.back();
        const std::size_t taken = std::min(bytes.size(), last.buffer.size() - last.end);
        std::memcpy(last.buffer.data() + last.end, bytes.data(), taken);
        last.end += taken;
        bytes = bytes.subspan(taken);
    }
}

void Http2Inflow::wake() {
    if (waiting_) { arrived_.wake(); }
}

std::size_t Http2Inflow::abandon() {
    std::size_t left = 0;
    for (const Segment& segment : segments_) {
        left += segment.end - segment.begin;
    }
    segments_.clear();
    lent_ = 0;
    return left;
}

void Http2Inflow::release() {
    if (lent_ == 0) { return; }
    Segment& first = segments_.front();
    first.begin += lent_;
    const bool used_up = first.begin == first.buffer.size();
    if (used_up || (segments_.size() == 1 && first.begin == first.end)) { segments_.pop_front(); }
    stream_.credit(std::exchange(lent_, 0));
}

std::span<const char> Http2Inflow::next_piece() {
    const Segment& first = segments_.front();
    lent_ = first.end - first.begin;
    return {first.buffer.data() + first.begin, lent_};
}

std::optional<std::span<const char>> Http2Inflow::take_whole() {
    release();
    if (!ended_ || segments_.size() > 1) { return std::nullopt; }
    if (segments_.empty()) { return std::span<const char>(); }
    return next_piece();
}

Task<Result<std::span<const char>>> Http2Inflow::read() {
    release();
    while (segments_.empty()) {
        if (ended_) { co_return std::span<const char>(); }
        if (cut_) {
            co_return fail(failures_.broken,
                           fmt::format("{} gave the stream up inside the body", failures_.peer));
        }
        if (std::exchange(announces_, false)) { stream_.on_reading(); }
        const std::uint64_t since_ms = loop_.now_ms();
        waiting_ = true;
        const int outcome = co_await arrived_.until(pace_.patience(since_ms));
        waiting_ = false;
        pace_.waited(since_ms, loop_.now_ms());
        if (outcome != 0) {
            cut_ = true;
            co_return fail(failures_.late, "the body did not arrive in time");
        }
    }
    co_return next_piece();
}

}  // namespace lintel::http
