#include "gateway/upstream/retry_budget.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

int taken_of(RetryBudget& budget, const RetryBudgetSettings& settings, int asked,
             std::uint64_t now_ms) {
    int taken = 0;
    for (int i = 0; i < asked; ++i) {
        taken += budget.take(settings, now_ms) ? 1 : 0;
    }
    return taken;
}

TEST(RetryBudget, AllowsAShareOfTheCalls) {
    RetryBudget budget;
    for (int i = 0; i < 1000; ++i) {
        budget.count_call(50'000);
    }
    EXPECT_EQ(taken_of(budget, {.percent = 20, .min_per_second = 3}, 1000, 50'000), 200);
    EXPECT_EQ(budget.taken(), 200U);
    EXPECT_EQ(budget.refused(), 800U);
}

TEST(RetryBudget, AlwaysAllowsTheLeast) {
    RetryBudget budget;
    EXPECT_EQ(taken_of(budget, {.percent = 20, .min_per_second = 3}, 100, 50'000), 30);
    EXPECT_EQ(taken_of(budget, {.percent = 20, .min_per_second = 3}, 100, 55'000), 0);
    EXPECT_EQ(taken_of(budget, {.percent = 20, .min_per_second = 3}, 100, 60'000), 30)
        << "after the window it is there again";
    EXPECT_EQ(taken_of(budget, {.percent = 0, .min_per_second = 0}, 10, 90'000), 0);
}

}  // namespace
}  // namespace lintel::gateway
