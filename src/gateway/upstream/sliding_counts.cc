#include "gateway/upstream/sliding_counts.h"

#include <algorithm>

namespace lintel::gateway {
namespace {

// 24 bits of slice number over 20 bits of calls over 20 bits of marks. Numbers come round after 19
// days of tenths of a second; a slice that nobody wrote for exactly that long would count again.
constexpr int kNumberShift = 40;
constexpr std::uint64_t kNumberMask = (1ULL << 24) - 1;

std::uint64_t number_at(std::uint64_t now_ms, std::chrono::milliseconds window) {
    const auto slice_ms = std::max<std::int64_t>(
        1, window.count() / static_cast<std::int64_t>(SlidingCounts::kSlices));
    // Never 0: that is what an unused slice says.
    return now_ms / static_cast<std::uint64_t>(slice_ms) + SlidingCounts::kSlices;
}

}  // namespace

void SlidingCounts::add(std::uint64_t now_ms, std::chrono::milliseconds window,
                        std::uint64_t what) {
    const std::uint64_t number = number_at(now_ms, window);
    const std::uint64_t tag = number & kNumberMask;
    std::atomic<std::uint64_t>& slice = slices_[number % kSlices];
    std::uint64_t word = slice.load(std::memory_order_relaxed);
    for (;;) {
        std::uint64_t counted = (tag << kNumberShift) | what;
        if (word >> kNumberShift == tag) {
            const bool full =
                ((word >> kCallBits) & kMaxCount) == kMaxCount || (word & kMaxCount) == kMaxCount;
            if (full) { return; }
            counted = word + what;
        }
        if (slice.compare_exchange_weak(word, counted, std::memory_order_relaxed)) { return; }
    }
}

SlidingCounts::Sums SlidingCounts::sums(std::uint64_t now_ms,
                                        std::chrono::milliseconds window) const {
    const std::uint64_t tag = number_at(now_ms, window) & kNumberMask;
    Sums sums;
    for (const std::atomic<std::uint64_t>& slice : slices_) {
        const std::uint64_t word = slice.load(std::memory_order_relaxed);
        const std::uint64_t age = (tag - (word >> kNumberShift)) & kNumberMask;
        if (age >= kSlices) { continue; }
        sums.calls += (word >> kCallBits) & kMaxCount;
        sums.marks += word & kMaxCount;
    }
    return sums;
}

void SlidingCounts::clear() {
    for (std::atomic<std::uint64_t>& slice : slices_) {
        slice.store(0, std::memory_order_relaxed);
    }
}

}  // namespace lintel::gateway
