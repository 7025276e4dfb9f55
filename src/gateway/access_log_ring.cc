#include <bit>
#include <cstring>

#include "base/assert.h"
#include "gateway/access_log.h"

namespace lintel::gateway {

/// Precedes the texts of a record. `size` covers header and texts, rounded up; 0 = skip to the
/// ring's beginning.
struct AccessLogRing::Header {
    std::uint32_t size;
    std::array<std::uint32_t, AccessRecord::kTextCount> lengths;
    AccessRecord::Numbers numbers;
};

AccessLogRing::AccessLogRing(std::size_t capacity)
    : capacity_(capacity), bytes_(std::make_unique_for_overwrite<char[]>(capacity)) {
    LINTEL_ASSERT(std::has_single_bit(capacity), "positions are masked with the capacity");
}

bool AccessLogRing::push(const AccessRecord& record) {
    static_assert(std::is_trivially_copyable_v<Header>);
    std::size_t size = sizeof(Header);
    for (const std::string_view text : record.texts) {
        size += text.size();
    }
    constexpr std::size_t kAlignment = alignof(Header);
    size = (size + kAlignment - 1) / kAlignment * kAlignment;

    // A record is never split: what does not fit before the end starts at the beginning.
    const std::size_t to_end = capacity_ - (tail_ & (capacity_ - 1));
    const std::size_t skip = to_end < size ? to_end : 0;
    if (tail_ + skip + size - seen_head_ > capacity_) {
        seen_head_ = published_head_.load(std::memory_order_acquire);
        if (tail_ + skip + size - seen_head_ > capacity_) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
    }
    if (skip > 0) {
        constexpr std::uint32_t kSkip = 0;
        std::memcpy(at(tail_), &kSkip, sizeof(kSkip));
        tail_ += skip;
    }
    Header header{
        .size = static_cast<std::uint32_t>(size), .lengths = {}, .numbers = record.numbers};
    char* to = at(tail_) + sizeof(Header);
    for (std::size_t i = 0; i < record.texts.size(); ++i) {
        const std::string_view text = record.texts[i];
        header.lengths[i] = static_cast<std::uint32_t>(text.size());
        if (!text.empty()) { std::memcpy(to, text.data(), text.size()); }
        to += text.size();
    }
    std::memcpy(at(tail_), &header, sizeof(header));
    tail_ += size;
    published_tail_.store(tail_, std::memory_order_release);
    return true;
}

bool AccessLogRing::pop(AccessRecord& record) {
    head_ = pending_;
    published_head_.store(head_, std::memory_order_release);
    if (head_ == published_tail_.load(std::memory_order_acquire)) { return false; }

    std::uint32_t size = 0;
    std::memcpy(&size, at(head_), sizeof(size));
    if (size == 0) { head_ += capacity_ - (head_ & (capacity_ - 1)); }
    Header header;
    std::memcpy(&header, at(head_), sizeof(header));
    record.numbers = header.numbers;
    const char* from = at(head_) + sizeof(Header);
    for (std::size_t i = 0; i < record.texts.size(); ++i) {
        record.texts[i] = {from, header.lengths[i]};
        from += header.lengths[i];
    }
    pending_ = head_ + header.size;
    return true;
}

}  // namespace lintel::gateway
