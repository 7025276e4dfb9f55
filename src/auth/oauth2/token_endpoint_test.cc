#include <gtest/gtest.h>

#include "auth/call_test.h"
#include "base/text.h"
#include "data/json.h"

namespace lintel::auth {
namespace {

constexpr std::string_view kAccessKey = "a0000000000000000001";
const std::string kForm = "application/x-www-form-urlencoded";
const std::string kGoodPair = "client_id=a0000000000000000001&client_secret=oauth2%20secret";
const std::string kGrant = "grant_type=client_credentials";

class TokenEndpointTest : public testing::Test {
protected:
    struct Answer {
        std::string refused;  ///< "ok", or the code of a refusal
        int status = 0;
        data::Json body;
        std::string challenge;
        std::string error() const { return body.value("error", ""); }
    };
    Answer ask(Request request) {
        const auto endpoint = token_endpoint(callee.tokens, callee.clock);
        Call call(callee, std::move(request));
        Answer answer;
        answer.refused = call.answer(*endpoint);
        if (answer.refused != "ok") { return answer; }
        const gateway::Response& response = call.exchange.response;
        answer.status = response.status;
        answer.body = data::Json::parse(response.body);
        const auto field = [&](std::string_view name) {
            const http::Field* found = response.fields.find(name);
            return found == nullptr ? std::string() : std::string(found->value);
        };
        answer.challenge = field("WWW-Authenticate");
        EXPECT_EQ(field("Cache-Control"), "no-store");
        EXPECT_EQ(field("Pragma"), "no-cache");
        EXPECT_EQ(field("Content-Type"), "application/json");
        return answer;
    }
    Answer get(const std::string& query) { return ask({.target = "/-/oauth2/token?" + query}); }
    Answer post(const std::string& form, Headers headers = {}) {
        headers.emplace_back("Content-Type", kForm);
        return ask({.method = "POST",
                    .target = "/-/oauth2/token",
                    .headers = std::move(headers),
                    .body = form});
    }
    void expect_token(const Answer& answer) {
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.body["token_type"], "Bearer");
        EXPECT_EQ(answer.body["expires_in"], 7200);
        const auto authenticator = callee.build("oauth2");
        Call call(
            callee,
            {.headers = {{"Authorization", "Bearer " + std::string(answer.body["access_token"])}}});
        EXPECT_EQ(call.authenticate(*authenticator), "ok");
    }
    Callee callee;
};

TEST_F(TokenEndpointTest, GivesATokenForAKeyPairInTheQuery) {
    expect_token(get(kGoodPair));
    expect_token(get(kGoodPair + "&grant_type=client_credentials"));
    expect_token(get(kGoodPair + "&scope=anything"));
}

TEST_F(TokenEndpointTest, KnowsTheOtherNamesOfTheParameters) {
    for (const std::string id : {"client_id", "ak", "key"}) {
        for (const std::string secret : {"client_secret", "client_sectet", "sk", "secret"}) {
            const std::string text =
                id + "=" + std::string(kAccessKey) + "&" + secret + "=oauth2+secret";
            expect_token(get(text));
            expect_token(post(text + "&" + kGrant));
        }
    }
}

TEST_F(TokenEndpointTest, GivesATokenForAForm) {
    expect_token(post(kGoodPair + "&" + kGrant));
    expect_token(
        ask({.method = "POST",
             .headers = {{"Content-Type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}},
             .body = kGoodPair + "&" + kGrant}));
}

TEST_F(TokenEndpointTest, GivesATokenForABasicHeader) {
    const auto header = [](const std::string& pair) {
        return Headers{{"Authorization", "basic " + to_base64(pair)}};
    };
    expect_token(post(kGrant, header(std::string(kAccessKey) + ":oauth2 secret")));
    expect_token(post(kGrant, header(std::string(kAccessKey) + ":oauth2%20secret")));
    expect_token(post(kGrant + "&client_id=x", header(std::string(kAccessKey) + ":oauth2 secret")));
    EXPECT_EQ(post(kGrant, header(std::string(kAccessKey) + ":wrong")).error(), "invalid_client");
    EXPECT_EQ(post(kGrant, header("no colon")).error(), "invalid_request");
    EXPECT_EQ(post(kGrant, {{"Authorization", "Bearer x"}}).error(), "invalid_request");
}

TEST_F(TokenEndpointTest, TakesTheSecretInOnePlaceOnly) {
    const Headers header{
        {"Authorization", "Basic " + to_base64(std::string(kAccessKey) + ":oauth2 secret")}};
    EXPECT_EQ(post(kGoodPair + "&" + kGrant, header).error(), "invalid_request");
    EXPECT_EQ(post(kGrant, {header[0], header[0]}).error(), "invalid_request");
}

TEST_F(TokenEndpointTest, DuplicatedParametersAreRefusedEvenWhenEqual) {
    for (const std::string twice :
         {"&client_id=a0000000000000000001", "&ak=a0000000000000000001", "&secret=x",
          "&grant_type=client_credentials&grant_type=client_credentials"}) {
        const Answer answer = get(kGoodPair + twice);
        EXPECT_EQ(answer.status, 400) << twice;
        EXPECT_EQ(answer.error(), "invalid_request") << twice;
    }
}

TEST_F(TokenEndpointTest, MissingOrEmptyParametersAreAnInvalidRequest) {
    for (const std::string query : {"", "client_id=a", "client_secret=b",
                                    "client_id=&client_secret=b", "client_id=a&client_secret="}) {
        EXPECT_EQ(get(query).status, 400) << query;
        EXPECT_EQ(get(query).error(), "invalid_request") << query;
        EXPECT_EQ(post(query + "&" + kGrant).error(), "invalid_request") << query;
    }
    EXPECT_EQ(post(kGoodPair).error(), "invalid_request") << "POST needs a grant type";
    EXPECT_EQ(post(kGoodPair + "&grant_type=").error(), "invalid_request");
    EXPECT_EQ(
        ask({.method = "POST", .target = "/-/oauth2/token?" + kGoodPair + "&" + kGrant}).error(),
        "invalid_request")
        << "a POST reads its body only";
}

TEST_F(TokenEndpointTest, OtherGrantTypesAreUnsupported) {
    for (const Answer& answer : {get(kGoodPair + "&grant_type=password"),
                                 post(kGoodPair + "&grant_type=authorization_code")}) {
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.error(), "unsupported_grant_type");
    }
}

TEST_F(TokenEndpointTest, WhateverIsWrongTheClientReadsTheSame) {
    auto disabled = make_credential();
    disabled->id = "crd_2";
    disabled->oauth2.key = "disabled";
    disabled->enabled = false;
    auto stranger = make_credential();
    stranger->id = "crd_3";
    stranger->oauth2.key = "stranger";
    stranger->grants = {{"svc_2", "", ""}, {"svc_1", "", "release"}};
    callee.use({make_credential(), disabled, stranger});
    const data::Json expected = get("ak=nobody&sk=oauth2+secret").body;
    for (const std::string query :
         {"ak=nobody&sk=x", "ak=disabled&sk=oauth2+secret", "ak=stranger&sk=oauth2+secret",
          "ak=a0000000000000000001&sk=wrong", "ak=b0000000000000000001&sk=basic+secret"}) {
        const Answer answer = get(query);
        EXPECT_EQ(answer.status, 401) << query;
        EXPECT_EQ(answer.error(), "invalid_client") << query;
        EXPECT_EQ(answer.body, expected) << query;
        EXPECT_EQ(answer.challenge, "Basic realm=\"lintel\", charset=\"UTF-8\"");
    }
}

TEST_F(TokenEndpointTest, TheLifetimeIsTheServices) {
    callee.service.token_lifetime_s = 60;
    const Answer answer = get(kGoodPair);
    EXPECT_EQ(answer.body["expires_in"], 60);
    const std::string token = "Bearer " + std::string(answer.body["access_token"]);
    const auto authenticator = callee.build("oauth2");
    for (const auto& [seconds, code] : {std::pair{59, "ok"}, std::pair{60, "auth.invalid"}}) {
        callee.clock.set(kVectorTime + seconds * 1000);
        Call call(callee, {.headers = {{"Authorization", token}}});
        EXPECT_EQ(call.authenticate(*authenticator), code) << seconds;
    }
}

TEST_F(TokenEndpointTest, GetCanBeSwitchedOff) {
    callee.service.token_by_get = false;
    EXPECT_EQ(get(kGoodPair).refused, "route.method_not_allowed");
    expect_token(post(kGoodPair + "&" + kGrant));
}

TEST_F(TokenEndpointTest, OtherMethodsAndBodiesAreRefused) {
    for (const std::string method : {"PUT", "DELETE", "HEAD", "OPTIONS"}) {
        EXPECT_EQ(ask({.method = method, .target = "/?" + kGoodPair}).refused,
                  "route.method_not_allowed");
    }
    EXPECT_EQ(ask({.method = "POST",
                   .headers = {{"Content-Type", "application/json"}},
                   .body = kGoodPair + "&" + kGrant})
                  .error(),
              "invalid_request");
    EXPECT_EQ(post(std::string(20'000, 'x')).refused, "request.body_too_large");
    std::string many;
    for (int i = 0; i < 200; ++i) {
        many += "a=1&";
    }
    EXPECT_EQ(post(many + kGoodPair + "&" + kGrant).error(), "invalid_request");
}

}  // namespace
}  // namespace lintel::auth
