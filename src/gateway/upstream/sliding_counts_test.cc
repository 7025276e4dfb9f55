#include "gateway/upstream/sliding_counts.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

constexpr std::chrono::milliseconds kWindow{1000};

TEST(SlidingCounts, ForgetsTenthByTenth) {
    SlidingCounts counts;
    for (std::uint64_t now = 5000; now < 6000; now += 100) {
        counts.add_call(now, kWindow);
        counts.add_marked_call(now, kWindow);
    }
    EXPECT_EQ(counts.sums(5999, kWindow).calls, 20U);
    EXPECT_EQ(counts.sums(5999, kWindow).marks, 10U);
    EXPECT_EQ(counts.sums(6000, kWindow).calls, 18U);
    EXPECT_EQ(counts.sums(6450, kWindow).marks, 5U);
    EXPECT_EQ(counts.sums(7000, kWindow).calls, 0U);
}

TEST(SlidingCounts, ReplacesASliceWhoseTimeIsOver) {
    SlidingCounts counts;
    counts.add_mark(5000, kWindow);
    counts.add_mark(6000, kWindow);  // the same place in the ring
    EXPECT_EQ(counts.sums(6000, kWindow).marks, 1U);
    counts.clear();
    EXPECT_EQ(counts.sums(6000, kWindow).marks, 0U);
}

TEST(SlidingCounts, BeginsEmptyAtAnyTime) {
    const SlidingCounts counts;
    for (const std::uint64_t now : {0ULL, 1ULL, 999ULL, 1'700'000'000'000ULL}) {
        EXPECT_EQ(counts.sums(now, kWindow).calls, 0U) << now;
    }
}

TEST(SlidingCounts, StopsCountingRatherThanSpillingOver) {
    SlidingCounts counts;
    for (std::uint64_t i = 0; i < SlidingCounts::kMaxCount + 10; ++i) {
        counts.add_call(5000, kWindow);
    }
    EXPECT_EQ(counts.sums(5000, kWindow).calls, SlidingCounts::kMaxCount);
    EXPECT_EQ(counts.sums(5000, kWindow).marks, 0U);
}

}  // namespace
}  // namespace lintel::gateway
