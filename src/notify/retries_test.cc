#include "notify/retries.h"

#include <gtest/gtest.h>

#include <vector>

namespace lintel::notify {
namespace {

using namespace std::chrono_literals;

TEST(Retries, ComeAtGrowingIntervalsOverADayAndThenEnd) {
    std::vector<std::chrono::milliseconds> waits;
    for (std::int64_t attempts = 1; const auto wait = wait_after(attempts, 0.5); ++attempts) {
        waits.push_back(*wait);
    }
    EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{5s, 30s, 2min, 10min, 1h, 6h, 12h}));
}

TEST(Retries, AreSpreadByATenth) {
    EXPECT_EQ(wait_after(1, 0), 4500ms);
    EXPECT_EQ(wait_after(1, 1), 5500ms);
    EXPECT_EQ(wait_after(0, 0.5), std::nullopt);
}

}  // namespace
}  // namespace lintel::notify
