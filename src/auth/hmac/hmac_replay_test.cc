#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "auth/hmac/signing_test.h"

namespace lintel::auth {
namespace {

using data::Json;

TEST_F(HmacTest, TheReplayGuardIsOffByDefault) {
    const Request request = signed_request("POST", "/orders");
    EXPECT_EQ(code(request), "ok");
    EXPECT_EQ(code(request), "ok");
}

TEST_F(HmacTest, TheReplayGuardRefusesCopiesOfWhatChangesSomething) {
    const Json config{{"replay_guard", true}};
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
        const Request request = signed_request(method, "/orders/1");
        EXPECT_EQ(code(request, config), "ok") << method;
        EXPECT_EQ(code(request, config), "auth.replayed") << method;
    }
    for (const std::string method : {"GET", "HEAD"}) {
        const Request request = signed_request(method, "/orders/1");
        EXPECT_EQ(code(request, config), "ok") << method;
        EXPECT_EQ(code(request, config), "ok") << method;
    }
}

TEST_F(HmacTest, ACredentialCanAskForTheGuardToo) {
    credential([](gateway::Credential& one) {
        one.hmac_options.replay_guard = true;
        one.hmac_options.clock_skew = std::chrono::seconds(0);
    });
    const Request request = signed_request("POST", "/orders");
    EXPECT_EQ(code(request), "ok");
    EXPECT_EQ(code(request), "auth.replayed");
    callee.clock.set(kVectorTime + 901'000);
    EXPECT_EQ(code(request), "auth.invalid") << "what a guard forgets must be too old to be good";
}

TEST_F(HmacTest, AnotherSpellingOfTheSameSignatureIsAReplay) {
    const Json config{{"replay_guard", true}};
    Request request = signed_request("POST", "/orders?b=2&a=1");
    const std::string sorted =
        mac("POST\n/orders\na=1&b=2\n" + std::string(kKey) + "\n" + std::string(kDate) + "\n");
    request = with(request, "X-HMAC-SIGNATURE", sorted);
    EXPECT_EQ(code(request, config), "ok");
    request.target = "/orders?a=1&b=2";
    EXPECT_EQ(code(request, config), "auth.replayed");
    // The same signature in the other form, and with the digest it lacked.
    EXPECT_EQ(
        code({.method = "POST",
              .target = "/orders?a=1&b=2",
              .headers = {{"Authorization", "hmac-auth-v1#" + std::string(kKey) + "#" + sorted +
                                                "#hmac-sha256#" + std::string(kDate) + "#"}}},
             config),
        "auth.replayed");
    EXPECT_EQ(code(with(request, "X-HMAC-DIGEST", mac("")), config), "auth.replayed");
}

TEST_F(HmacTest, ARefusedCopyDoesNotUseUpTheHonestRequest) {
    const Json config{{"replay_guard", true}};
    Request request = signed_request("POST", "/orders");
    request.body = "body";
    request = with(request, "X-HMAC-DIGEST", mac("body"));
    Request tampered = request;
    tampered.body = "other";
    EXPECT_EQ(code(tampered, config), "auth.invalid");
    EXPECT_EQ(code(request, config), "ok");
}

TEST_F(HmacTest, OfRacingCopiesExactlyOneGetsThrough) {
    const auto authenticator = callee.build("hmac", {{"replay_guard", true}});
    constexpr std::size_t kRequests = 500;
    constexpr int kThreads = 4;
    std::vector<Request> requests;
    for (std::size_t i = 0; i < kRequests; ++i) {
        requests.push_back(signed_request("POST", "/orders/" + std::to_string(i)));
    }
    std::atomic<std::size_t> admitted{0};
    std::atomic<std::size_t> replayed{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&] {
                for (const Request& request : requests) {
                    Call call(callee, request);
                    const std::string_view code = call.authenticate(*authenticator);
                    admitted += code == "ok" ? 1U : 0U;
                    replayed += code == "auth.replayed" ? 1U : 0U;
                }
            });
        }
    }
    EXPECT_EQ(admitted, kRequests);
    EXPECT_EQ(replayed, kRequests * (kThreads - 1));
}

}  // namespace
}  // namespace lintel::auth
