#include "async/turn_clock.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lintel::async {
namespace {

TEST(TurnClock, IsTheClockUntilItKnowsThePaceOfTheCounter) {
    TurnClock clock;
    const std::uint64_t before = monotonic_us();
    clock.begin_turn(before);
    EXPECT_GE(clock.now_us(), before);
    EXPECT_LE(clock.now_us(), monotonic_us());
}

TEST(TurnClock, RunsWithTheClockOnceItKnowsThePace) {
    TurnClock clock;
    const std::uint64_t begin = monotonic_us();
    clock.begin_turn(begin);
    std::uint64_t furthest = 0;
    std::uint64_t now = begin;
    // Long enough to learn the pace, in turns of some microseconds.
    while (now < begin + 300'000) {
        now = monotonic_us();
        clock.begin_turn(now);
        const std::uint64_t fine = clock.now_us();
        EXPECT_GE(fine, now);
        furthest = std::max(furthest, fine - std::min(fine, monotonic_us()));
    }
    // Ahead of the real time by rounding only.
    EXPECT_LE(furthest, 1'000U);
}

}  // namespace
}  // namespace lintel::async
