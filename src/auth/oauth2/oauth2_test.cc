#include <gtest/gtest.h>

#include "auth/call_test.h"

namespace lintel::auth {
namespace {

class OAuth2Test : public testing::Test {
protected:
    gateway::AccessToken claims() const {
        return {"crd_1", 1, "svc_1", "test", kVectorTime + 1000};
    }
    std::string code(Request request) {
        const auto authenticator = callee.build("oauth2");
        Call call(callee, std::move(request));
        const std::string code(call.authenticate(*authenticator));
        challenge = call.refusal == nullptr ? "" : call.refusal->www_authenticate;
        hidden = call.exchange.hidden_query_name;
        left = call.exchange.request_fields().size();
        principal = call.exchange.principal;
        return code;
    }
    std::string by_header(const std::string& authorization) {
        return code({.headers = {{"Authorization", authorization}}});
    }
    Callee callee;
    std::string good = callee.tokens.issue(claims());
    std::string challenge;
    std::string hidden;
    std::size_t left = 0;
    gateway::Principal principal;
};

TEST_F(OAuth2Test, TheTokenComesInTheHeader) {
    for (const std::string scheme : {"Bearer ", "bearer ", "BEARER  "}) {
        EXPECT_EQ(by_header(scheme + good), "ok") << scheme;
        EXPECT_EQ(left, 0U) << "the backend does not see it";
        EXPECT_EQ(principal.method, "oauth2");
        ASSERT_NE(principal.credential, nullptr);
        EXPECT_EQ(principal.credential->id, "crd_1");
    }
}

TEST_F(OAuth2Test, OrInTheQueryWhereItIsHidden) {
    EXPECT_EQ(code({.target = "/pets?a=1&access_token=" + good}), "ok");
    EXPECT_EQ(hidden, "access_token");
    EXPECT_EQ(code({.target = "/pets?access%5ftoken=" + good}), "ok");
    EXPECT_EQ(hidden, "access_token") << "the name as a server decodes it";
    EXPECT_EQ(code({.target = "/pets?access_token=wrong"}), "auth.invalid");
    EXPECT_EQ(hidden, "access_token") << "a wrong token is kept out of the log as well";
}

TEST_F(OAuth2Test, InOnePlaceOnly) {
    const Headers header{{"Authorization", "Bearer " + good}};
    EXPECT_EQ(code({.target = "/?access_token=" + good, .headers = header}), "auth.duplicate");
    EXPECT_EQ(code({.target = "/?access_token=" + good + "&access_token=" + good}),
              "auth.duplicate");
    EXPECT_EQ(code({.headers = {header[0], header[0]}}), "auth.duplicate");
    EXPECT_EQ(code({.target = "/?access_token=" + good,
                    .headers = {{"Authorization", "Basic for-the-backend"}}}),
              "ok");
    EXPECT_EQ(left, 1U);
}

TEST_F(OAuth2Test, WithoutATokenTheChallengeNamesNoError) {
    for (const Request& request :
         {Request{}, Request{.headers = {{"Authorization", "Basic abc"}}},
          Request{.target = "/?token=abc"}, Request{.headers = {{"Authorization", ""}}}}) {
        EXPECT_EQ(code(request), "auth.missing");
        EXPECT_EQ(challenge, "Bearer realm=\"lintel\"");
    }
}

TEST_F(OAuth2Test, ABadTokenIsAnInvalidToken) {
    for (const std::string& bad :
         {std::string(), std::string("x"), good + "x", std::string(1 << 20, 'A'),
          std::string("a\0b", 3), std::string("\u5f20"), good.substr(1)}) {
        EXPECT_EQ(by_header("Bearer " + bad), "auth.invalid");
        EXPECT_TRUE(challenge.starts_with("Bearer error=\"invalid_token\"")) << challenge;
    }
    EXPECT_EQ(code({.target = "/?access_token="}), "auth.invalid");
    EXPECT_EQ(code({.target = "/?access_token"}), "auth.invalid");
}

TEST_F(OAuth2Test, ATokenDiesOfAgeAndWithItsCredential) {
    callee.clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(by_header("Bearer " + good), "auth.invalid");
    callee.clock.set(kVectorTime);
    EXPECT_EQ(by_header("Bearer " + good), "ok");
    auto reset = make_credential();
    reset->generation = 2;
    callee.use({reset});
    EXPECT_EQ(by_header("Bearer " + good), "auth.invalid");
    callee.use({});
    EXPECT_EQ(by_header("Bearer " + good), "auth.invalid");
}

TEST_F(OAuth2Test, ATokenOfAnotherServiceHasNoRightHere) {
    gateway::AccessToken other = claims();
    other.service_id = "svc_2";
    EXPECT_EQ(by_header("Bearer " + callee.tokens.issue(other)), "authorize.no_grant");
    EXPECT_TRUE(challenge.starts_with("Bearer error=\"insufficient_scope\"")) << challenge;
    other = claims();
    other.environment = "release";
    EXPECT_EQ(by_header("Bearer " + callee.tokens.issue(other)), "authorize.no_grant");
}

}  // namespace
}  // namespace lintel::auth
