// The secret from before a reset, with each way to prove who calls.
#include <gtest/gtest.h>

#include "auth/hmac/signing_test.h"
#include "base/text.h"

namespace lintel::auth {
namespace {

constexpr TimeMs kUntil = kVectorTime + 10'000;

class OverlapTest : public testing::Test {
protected:
    void SetUp() override {
        auto credential = make_credential();
        credential->generation = 2;
        for (gateway::KeyPair* pair :
             {&credential->basic, &credential->oauth2, &credential->hmac}) {
            pair->previous = pair->secret;
            pair->secret = Secret("the new secret");
            pair->previous_until = kUntil;
        }
        credential->allow(crypto::HmacAlgorithm::Sha256);
        callee.use({credential});
    }
    std::string code(std::string_view kind, Request request) {
        const auto authenticator = callee.build(kind);
        Call call(callee, std::move(request));
        return std::string(call.authenticate(*authenticator));
    }
    std::string basic(const std::string& secret) {
        return code("basic",
                    {.headers = {{"Authorization",
                                  "Basic " + to_base64("b0000000000000000001:" + secret)}}});
    }
    std::string hmac(std::string_view secret) {
        Request request = signed_request("GET", "/demo/hello");
        const std::string text =
            "GET\n/demo/hello\n\n" + std::string(kKey) + "\n" + std::string(kDate) + "\n";
        return code("hmac", with(std::move(request), "X-HMAC-SIGNATURE",
                                 mac(text, crypto::HmacAlgorithm::Sha256, secret)));
    }
    data::Json token(const std::string& secret) {
        const auto endpoint = token_endpoint(callee.tokens, callee.clock);
        Call call(
            callee,
            {.target = "/-/oauth2/token?client_id=a0000000000000000001&client_secret=" + secret});
        EXPECT_EQ(call.answer(*endpoint), "ok");
        return data::Json::parse(call.exchange.response.body);
    }
    std::string bearer(const data::Json& issued) {
        return code(
            "oauth2",
            {.headers = {{"Authorization", "Bearer " + issued.value("access_token", "none")}}});
    }
    Callee callee;
};

TEST_F(OverlapTest, BothSecretsOpenUntilTheMillisecondItEnds) {
    for (const TimeMs now : {kVectorTime, kUntil - 1}) {
        callee.clock.set(now);
        EXPECT_EQ(basic("basic secret"), "ok");
        EXPECT_EQ(basic("the new secret"), "ok");
        EXPECT_EQ(hmac(kSecret), "ok");
        EXPECT_EQ(hmac("the new secret"), "ok");
    }
    callee.clock.set(kUntil);
    EXPECT_EQ(basic("basic secret"), "auth.invalid");
    EXPECT_EQ(basic("the new secret"), "ok");
    EXPECT_EQ(hmac(kSecret), "auth.invalid");
    EXPECT_EQ(hmac("the new secret"), "ok");
}

TEST_F(OverlapTest, WhatIsWrongStaysWrong) {
    EXPECT_EQ(basic("oauth2 secret"), "auth.invalid") << "of another pair";
    EXPECT_EQ(basic(""), "auth.invalid");
    EXPECT_EQ(hmac("no secret at all"), "auth.invalid");
}

TEST_F(OverlapTest, TheBodyIsDigestedWithTheSecretThatSigned) {
    Request request = signed_request("POST", "/orders");
    request.body = "{}";
    EXPECT_EQ(code("hmac", with(request, "X-HMAC-DIGEST", mac("{}"))), "ok");
    EXPECT_EQ(code("hmac", with(request, "X-HMAC-DIGEST",
                                mac("{}", crypto::HmacAlgorithm::Sha256, "the new secret"))),
              "auth.invalid");
}

TEST_F(OverlapTest, TokensOfThePreviousSecretDieWithIt) {
    const data::Json old = token("oauth2+secret");
    const data::Json fresh = token("the+new+secret");
    EXPECT_EQ(old["expires_in"], 10);
    EXPECT_EQ(fresh["expires_in"], 7200);
    callee.clock.set(kUntil - 1);
    EXPECT_EQ(bearer(old), "ok");
    callee.clock.set(kUntil);
    EXPECT_EQ(bearer(old), "auth.invalid");
    EXPECT_EQ(bearer(fresh), "ok");
    EXPECT_EQ(token("oauth2+secret").value("error", ""), "invalid_client");
}

}  // namespace
}  // namespace lintel::auth
