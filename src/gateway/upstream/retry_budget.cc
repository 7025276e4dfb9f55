#include "gateway/upstream/retry_budget.h"

#include <algorithm>

namespace lintel::gateway {

bool RetryBudget::take(const RetryBudgetSettings& settings, std::uint64_t now_ms) {
    constexpr auto kSeconds = static_cast<std::uint64_t>(kWindow.count() / 1000);
    const SlidingCounts::Sums sums = counts_.sums(now_ms, kWindow);
    const std::uint64_t allowed =
        std::max(settings.min_per_second * kSeconds, sums.calls * settings.percent / 100);
    if (sums.marks >= allowed) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    counts_.add_mark(now_ms, kWindow);
    taken_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

}  // namespace lintel::gateway
