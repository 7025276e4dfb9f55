// How much of the traffic may be repetition: when everything fails, retries must not double the
// load on what is left.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "gateway/upstream/sliding_counts.h"

namespace lintel::gateway {

/// At most `percent` of the calls of the last seconds are retries, but `min_per_second` always may
/// be.
struct RetryBudgetSettings {
    std::uint32_t percent = 20;
    std::uint32_t min_per_second = 3;
};

/// Role: the budget of one upstream. Thread-safe, without locks; workers that ask in the same
/// moment may pass it by one each. Found by a stable id.
class RetryBudget {
public:
    static constexpr std::chrono::milliseconds kWindow{10'000};

    void count_call(std::uint64_t now_ms) { counts_.add_call(now_ms, kWindow); }
    /// Whether one more retry may be made now; counts it.
    bool take(const RetryBudgetSettings& settings, std::uint64_t now_ms);

    std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }
    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    SlidingCounts counts_;  ///< marks are retries
    std::atomic<std::uint64_t> taken_{0};
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace lintel::gateway
