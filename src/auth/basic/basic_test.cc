#include <gtest/gtest.h>

#include "auth/call_test.h"
#include "base/text.h"

namespace lintel::auth {
namespace {

constexpr std::string_view kBasicKey = "b0000000000000000001";

std::string encoded(std::string_view key, std::string_view secret) {
    return to_base64(std::string(key) + ":" + std::string(secret));
}

class BasicTest : public testing::Test {
protected:
    std::string code(Headers headers) {
        const auto authenticator = callee.build("basic");
        Call call(callee, {.headers = std::move(headers)});
        const std::string code(call.authenticate(*authenticator));
        reason = call.refusal == nullptr ? "" : call.refusal->reason;
        challenge = call.refusal == nullptr ? "" : call.refusal->www_authenticate;
        return code;
    }
    std::string code(const std::string& authorization) {
        return code(Headers{{"Authorization", authorization}});
    }
    Callee callee;
    std::string reason;
    std::string challenge;
};

TEST_F(BasicTest, KeyAndSecretAreUserAndPassword) {
    for (const std::string scheme : {"Basic ", "basic ", "BASIC   "}) {
        EXPECT_EQ(code(scheme + encoded(kBasicKey, "basic secret")), "ok") << scheme;
    }
}

TEST_F(BasicTest, TheBackendDoesNotSeeTheHeader) {
    const auto authenticator = callee.build("basic");
    Call call(callee, {.headers = {{"Authorization", "Basic " + encoded(kBasicKey, "basic secret")},
                                   {"Accept", "*/*"}}});
    ASSERT_EQ(call.authenticate(*authenticator), "ok");
    EXPECT_EQ(call.exchange.request_fields().size(), 1U);
    EXPECT_EQ(call.exchange.principal.credential->id, "crd_1");
    EXPECT_EQ(call.exchange.principal.method, "basic");
}

TEST_F(BasicTest, WhateverIsWrongTheCallerReadsTheSame) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {encoded("nobody", "basic secret"), "unknown key"},
        {encoded("", ""), "unknown key"},
        {encoded(kBasicKey, "wrong"), "wrong secret"},
        {encoded(kBasicKey, ""), "wrong secret"},
        {encoded(kBasicKey, "basic secret "), "wrong secret"},
        // The pairs of the other kinds are other pairs.
        {encoded("a0000000000000000001", "oauth2 secret"), "unknown key"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(code("Basic " + text), "auth.invalid") << text;
        EXPECT_EQ(reason, expected);
        EXPECT_EQ(challenge, "Basic realm=\"lintel\", charset=\"UTF-8\"");
    }
}

TEST_F(BasicTest, TheTextIsReadStrictly) {
    const std::string good = encoded(kBasicKey, "basic secret");
    for (const std::string& text :
         {good.substr(0, good.size() - 1), good + "=", good + " " + good, std::string("%%%"),
          std::string("YjA6cw"), std::string(), to_base64("no colon"), to_base64("a\nb:c"),
          to_base64(std::string("a\0b:c", 5)), std::string(1 << 20, 'A')}) {
        EXPECT_EQ(code("Basic " + text), "auth.invalid") << text.substr(0, 50);
    }
}

TEST_F(BasicTest, TheFirstColonDivides) {
    auto credential = make_credential();
    credential->basic = {"key", Secret("a:b:\u5f20")};
    callee.use({credential});
    EXPECT_EQ(code("Basic " + to_base64("key:a:b:\u5f20")), "ok");
}

TEST_F(BasicTest, WithoutTheSchemeNothingWasSent) {
    EXPECT_EQ(code(Headers{}), "auth.missing");
    EXPECT_EQ(challenge, "Basic realm=\"lintel\", charset=\"UTF-8\"");
    for (const std::string other : {"", "Bearer abc", "Basicx abc", "YjA6cw=="}) {
        EXPECT_EQ(code(other), "auth.missing") << other;
    }
}

TEST_F(BasicTest, ADuplicatedHeaderIsRefusedEvenWhenEqual) {
    const std::string good = "Basic " + encoded(kBasicKey, "basic secret");
    EXPECT_EQ(code(Headers{{"Authorization", good}, {"authorization", good}}), "auth.duplicate");
}

TEST_F(BasicTest, ADisabledCredentialIsRefused) {
    auto credential = make_credential();
    credential->enabled = false;
    callee.use({credential});
    EXPECT_EQ(code("Basic " + encoded(kBasicKey, "basic secret")), "auth.invalid");
    EXPECT_EQ(reason, "the credential is disabled");
}

}  // namespace
}  // namespace lintel::auth
