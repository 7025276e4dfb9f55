#include "app/suggestion.h"

#include <gtest/gtest.h>

namespace lintel::app {
namespace {

TEST(Suggestion, FindsTheSlipOfTheHand) {
    EXPECT_EQ(nearest("servce", {"serve", "service", "stop"}), "serve");
    EXPECT_EQ(nearest("pubish", {"publish", "stop"}), "publish");
    EXPECT_EQ(nearest("--evn", {"--env", "--note"}), "--env");
}

TEST(Suggestion, KeepsQuietWhenNothingIsNear) {
    EXPECT_EQ(nearest("kangaroo", {"serve", "stop"}), "");
    EXPECT_EQ(nearest("serve", {}), "");
}

}  // namespace
}  // namespace lintel::app
