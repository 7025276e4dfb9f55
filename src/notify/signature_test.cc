#include "notify/signature.h"

#include <gtest/gtest.h>

namespace lintel::notify {
namespace {

// The values by which the libraries of Standard Webhooks are tested
// (github.com/standard-webhooks/standard-webhooks).
TEST(WebhookSignature, IsThatOfTheStandard) {
    EXPECT_EQ(sign(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                   "1614265330", R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, CoversIdTimeAndBody) {
    const Secret secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const std::string signature = sign(secret, "evt_1", "1614265330", "{}");
    EXPECT_NE(sign(secret, "evt_2", "1614265330", "{}"), signature);
    EXPECT_NE(sign(secret, "evt_1", "1614265331", "{}"), signature);
    EXPECT_NE(sign(secret, "evt_1", "1614265330", "{ }"), signature);
}

}  // namespace
}  // namespace lintel::notify
