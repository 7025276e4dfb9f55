#include <gtest/gtest.h>

#include "auth/hmac/signing_test.h"

namespace lintel::auth {
namespace {

using crypto::HmacAlgorithm;
using data::Json;

TEST_F(HmacTest, TheBodyIsStillThereAfterTheDigestWasChecked) {
    Request request = signed_request("POST", "/orders");
    request.body = R"({"sku":"A1","qty":2})";
    request = with(request, "X-HMAC-DIGEST", mac(request.body));
    const auto authenticator = callee.build("hmac");
    Call call(callee, request);
    ASSERT_EQ(call.authenticate(*authenticator), "ok");
    auto again = call.exchange.whole_body(1000);
    again.start();
    EXPECT_EQ(again.take().value(), request.body);
}

TEST_F(HmacTest, ABodyBeyondTheLimitIsNotReadForItsDigest) {
    callee.service.body_limit = 10;
    Request request = signed_request("POST", "/orders");
    request.body = std::string(11, 'x');
    EXPECT_EQ(code(with(request, "X-HMAC-DIGEST", mac(request.body))), "request.body_too_large");
}

TEST_F(HmacTest, AnApiCanRequireTheDigest) {
    const Json config{{"require_body_digest", true}};
    Request request = signed_request("POST", "/orders");
    EXPECT_EQ(code(request, config), "auth.missing");
    EXPECT_EQ(code(with(request, "X-HMAC-DIGEST", mac("")), config), "ok");
    EXPECT_EQ(code(signed_request("GET", "/orders"), config), "ok");
}

TEST_F(HmacTest, WhateverIsWrongTheCallerReadsTheSame) {
    const Request good = signed_request("GET", "/demo/hello");
    auto disabled = make_credential();
    disabled->id = "crd_2";
    disabled->hmac.key = "disabled";
    disabled->enabled = false;
    callee.use({make_credential(), disabled});
    const std::vector<std::pair<Request, std::string>> cases{
        {with(good, "X-HMAC-ACCESS-KEY", "nobody"), "unknown access key"},
        {with(good, "X-HMAC-ACCESS-KEY", "disabled"), "the credential is disabled"},
        {with(good, "X-HMAC-SIGNATURE", mac("other")), "the signature does not match"},
        {with(good, "X-HMAC-SIGNATURE", "%%%"), "the signature is not padded base64"},
        {with(good, "X-HMAC-ALGORITHM", "hmac-sha1"),
         "the algorithm is not allowed for this credential"},
        {with(good, "X-HMAC-ALGORITHM", "hmac-md5"),
         "the algorithm is not allowed for this credential"},
    };
    for (const auto& [request, reason] : cases) {
        const auto authenticator = callee.build("hmac");
        Call call(callee, request);
        EXPECT_EQ(call.authenticate(*authenticator), "auth.invalid") << reason;
        EXPECT_EQ(call.refusal->reason, reason);
        EXPECT_EQ(call.refusal->detail, "");
        EXPECT_EQ(call.refusal->www_authenticate, "HMAC realm=\"lintel\"");
        EXPECT_EQ(call.exchange.principal.credential, nullptr);
    }
}

TEST_F(HmacTest, ShowsTheStringItExpected) {
    Request request = signed_request("GET", "/demo/hello?b=2&a=%201");
    request = with(request, "X-HMAC-SIGNATURE", mac("other"));
    EXPECT_EQ(
        outcome(request).expected,
        "GET\n/demo/hello\nb=2&a=%201\n2e4d0bbad47e3b5e3a0c\nFri, 20 Nov 2026 08:30:00 GMT\n");
}

TEST_F(HmacTest, NamesWhatIsMissing) {
    const Request good = signed_request("GET", "/demo/hello");
    EXPECT_EQ(outcome(Request{}).reason, "X-HMAC-ACCESS-KEY is missing");
    for (const std::string_view name :
         {"X-HMAC-SIGNATURE", "X-HMAC-ALGORITHM", "X-HMAC-ACCESS-KEY", "Date"}) {
        EXPECT_EQ(code(without(good, name)), "auth.missing") << name;
        EXPECT_EQ(code(with(good, name, "")), "auth.missing") << name;
    }
    EXPECT_EQ(code(with(Request{}, "Authorization", "Bearer abc")), "auth.missing");
}

TEST_F(HmacTest, DuplicatedHeadersAreRefusedEvenWhenEqual) {
    Request good = signed_request("GET", "/demo/hello");
    for (const std::string name :
         {"X-HMAC-SIGNATURE", "X-HMAC-ALGORITHM", "X-HMAC-ACCESS-KEY", "X-HMAC-DATE", "X-Date",
          "X-HMAC-DIGEST", "X-HMAC-SIGNED-HEADERS", "Date", "Authorization"}) {
        Request twice = good;
        const std::string value = name.ends_with("ate") ? std::string(kDate) : "x";
        twice.headers.emplace_back(name, value);
        twice.headers.emplace_back(to_lower(name), value);
        const auto authenticator = callee.build("hmac");
        Call call(callee, twice);
        EXPECT_EQ(call.authenticate(*authenticator), "auth.duplicate") << name;
        EXPECT_EQ(info(call.refusal->code).status, 400);
    }
}

TEST_F(HmacTest, ASignedHeaderMayNotComeTwice) {
    Request request = signed_request("GET", "/demo/hello");
    request = with(request, "X-HMAC-SIGNED-HEADERS", "x-custom-a");
    request.headers.emplace_back("x-custom-a", "1");
    request.headers.emplace_back("X-Custom-A", "1");
    EXPECT_EQ(code(request), "auth.duplicate");
}

TEST_F(HmacTest, ACredentialMaySayWhichHeadersAreSigned) {
    credential([](gateway::Credential& one) { one.hmac_options.signed_headers = {"X-Tenant"}; });
    const auto request = [](const std::string& list, const std::string& lines) {
        Request request = signed_request("GET", "/");
        request = with(request, "X-HMAC-SIGNED-HEADERS", list);
        request = with(request, "x-tenant", "7");
        return with(
            request, "X-HMAC-SIGNATURE",
            mac("GET\n/\n\n" + std::string(kKey) + "\n" + std::string(kDate) + "\n" + lines));
    };
    EXPECT_EQ(code(request("x-tenant", "x-tenant:7\n")), "ok");
    EXPECT_EQ(code(request("", "")), "ok");
    EXPECT_EQ(outcome(request("x-tenant;accept", "x-tenant:7\naccept:\n")).reason,
              "a header is signed that the credential may not sign");
}

TEST_F(HmacTest, AListOfSignedHeadersIsNamesOnly) {
    Request request = signed_request("GET", "/");
    std::string many;
    for (int i = 0; i < 65; ++i) {
        many += "x" + std::to_string(i) + ";";
    }
    for (const std::string& list : {std::string("a b"), std::string("a:b"), std::string("a,b"),
                                    std::string("\""), std::string(200, ';') + "(", many}) {
        EXPECT_EQ(outcome(with(request, "X-HMAC-SIGNED-HEADERS", list)).reason,
                  "the list of signed headers is malformed");
    }
    EXPECT_EQ(code(with(request, "X-HMAC-SIGNED-HEADERS", ";")), "ok") << "no name, no line";
    // Or one long field, listed again and again, would be hashed as often before anybody proved
    // anything.
    EXPECT_EQ(outcome(with(request, "X-HMAC-SIGNED-HEADERS", "host;accept;Host")).reason,
              "a signed header is listed twice");
}

TEST_F(HmacTest, TheOneHeaderFormCountsOnlyWithoutAnAccessKeyHeader) {
    const std::string text = "GET\n/\n\n" + std::string(kKey) + "\n" + std::string(kDate) + "\n";
    const std::string good = "hmac-auth-v1#" + std::string(kKey) + "#" + mac(text) +
                             "#HMAC-SHA256#" + std::string(kDate) + "#";
    Request request{.headers = {{"Authorization", good}}};
    EXPECT_EQ(code(request), "ok");
    EXPECT_EQ(code(with(request, "X-HMAC-ACCESS-KEY", "nobody")), "auth.missing");
    for (const std::string& bad :
         {good + "#", good.substr(0, good.size() - 1), std::string("hmac-auth-v1#"),
          "hmac-auth-v2" + good.substr(12)}) {
        EXPECT_NE(code({.headers = {{"Authorization", bad}}}), "ok") << bad;
    }
}

TEST_F(HmacTest, XHmacDateThenXDateWinOverDate) {
    const auto request = [](Headers headers) {
        Request request = signed_request("GET", "/");
        std::erase_if(request.headers, [](const auto& header) { return header.first == "Date"; });
        request.headers.insert(request.headers.end(), headers.begin(), headers.end());
        return request;
    };
    const std::string good(kDate);
    const std::string other = "Fri, 20 Nov 2026 08:30:01 GMT";
    EXPECT_EQ(code(request({{"X-HMAC-DATE", good}})), "ok");
    EXPECT_EQ(code(request({{"X-Date", good}})), "ok");
    EXPECT_EQ(code(request({{"X-HMAC-DATE", good}, {"X-Date", other}, {"Date", other}})), "ok");
    EXPECT_EQ(code(request({{"X-Date", good}, {"Date", other}})), "ok");
    EXPECT_EQ(code(request({{"X-Date", other}, {"Date", good}})), "auth.invalid");
    EXPECT_EQ(code(request({{"X-HMAC-DATE", other}, {"X-Date", good}})), "auth.invalid");
}

TEST_F(HmacTest, TheDateMayBe900SecondsOffInBothDirections) {
    const Request request = signed_request("GET", "/");
    for (const TimeMs off : {-900'000, 0, 900'000}) {
        callee.clock.set(kVectorTime + off);
        EXPECT_EQ(code(request), "ok") << off;
    }
    for (const TimeMs off : {-900'001, 900'001}) {
        callee.clock.set(kVectorTime + off);
        EXPECT_EQ(code(request), "auth.invalid") << off;
        EXPECT_EQ(outcome(request).reason,
                  "the date is 900 s away from the gateway's clock, 900 s are allowed");
    }
}

TEST_F(HmacTest, TheSkewIsAnOptionOfTheCredential) {
    const Request request = signed_request("GET", "/");
    callee.clock.set(kVectorTime + 61'000);
    credential(
        [](gateway::Credential& one) { one.hmac_options.clock_skew = std::chrono::seconds(60); });
    EXPECT_EQ(code(request), "auth.invalid");
    credential(
        [](gateway::Credential& one) { one.hmac_options.clock_skew = std::chrono::seconds(0); });
    callee.clock.set(kVectorTime + 86'400'000LL * 365);
    EXPECT_EQ(code(request), "ok") << "0 switches the comparison off";
}

TEST_F(HmacTest, TheDateHasOneForm) {
    credential(
        [](gateway::Credential& one) { one.hmac_options.clock_skew = std::chrono::seconds(0); });
    for (const std::string date :
         {"2026-11-20T08:30:00Z", "Friday, 20-Nov-26 08:30:00 GMT", "Fri Nov 20 08:30:00 2026",
          "Thu, 20 Nov 2026 08:30:00 GMT", "fri, 20 nov 2026 08:30:00 gmt", "1795163400"}) {
        Request request = signed_request("GET", "/");
        request = with(request, "Date", date);
        request = with(request, "X-HMAC-SIGNATURE",
                       mac("GET\n/\n\n" + std::string(kKey) + "\n" + date + "\n"));
        EXPECT_EQ(code(request), "auth.invalid") << date;
    }
}

TEST_F(HmacTest, OnlyPaddedStandardBase64IsASignature) {
    Request request = signed_request("GET", "/demo/hello");
    const std::string good = request.headers[0].second;
    std::string url_safe = good;
    std::ranges::replace(url_safe, '+', '-');
    std::ranges::replace(url_safe, '/', '_');
    ASSERT_NE(url_safe, good);
    for (const std::string& bad : {url_safe, good.substr(0, good.size() - 1), good + "=",
                                   good + good, to_hex(*from_base64(good))}) {
        EXPECT_EQ(code(with(request, "X-HMAC-SIGNATURE", bad)), "auth.invalid") << bad;
    }
}

TEST_F(HmacTest, AlgorithmsAreAllowedPerCredentialAndNamedInAnyCase) {
    credential([](gateway::Credential& one) {
        one.allowed_algorithms = {};
        one.allow(HmacAlgorithm::Sha512);
    });
    const std::string text = "GET\n/\n\n" + std::string(kKey) + "\n" + std::string(kDate) + "\n";
    Request request = signed_request("GET", "/");
    EXPECT_EQ(code(request), "auth.invalid");
    request = with(request, "X-HMAC-SIGNATURE", mac(text, HmacAlgorithm::Sha512));
    EXPECT_EQ(code(with(request, "X-HMAC-ALGORITHM", "HMAC-SHA512")), "ok");
}

TEST_F(HmacTest, TheBackendSeesNothingOfTheSignature) {
    Request request = signed_request("GET", "/");
    request.headers.emplace_back("X-HMAC-SIGNED-HEADERS", "");
    request.headers.emplace_back("x-hmac-anything", "1");
    request.headers.emplace_back("Authorization", "Bearer for the backend");
    request.headers.emplace_back("X-Date", std::string(kDate));
    const auto authenticator = callee.build("hmac");
    Call call(callee, request);
    ASSERT_EQ(call.authenticate(*authenticator), "ok");
    std::vector<std::string> left;
    for (const http::Field& field : call.exchange.request_fields()) {
        left.emplace_back(field.name);
    }
    EXPECT_EQ(left, (std::vector<std::string>{"Date", "Authorization", "X-Date"}));
    EXPECT_EQ(call.exchange.principal.credential->id, "crd_1");
    EXPECT_EQ(call.exchange.principal.method, "hmac");
}

TEST_F(HmacTest, TheOneHeaderFormIsHiddenEvenWhenItWasNotUsed) {
    Request request = signed_request("GET", "/");
    request.headers.emplace_back("Authorization", "hmac-auth-v1#a#b#c#d#e");
    const auto authenticator = callee.build("hmac");
    Call call(callee, request);
    ASSERT_EQ(call.authenticate(*authenticator), "ok");
    EXPECT_EQ(call.exchange.request_fields().find("Authorization"), nullptr);
}

TEST_F(HmacTest, AWrongSettingIsRefusedNotIgnored) {
    gateway::Kinds kinds;
    register_auths(kinds);
    for (const gateway::AuthKind& kind : kinds.auths) {
        if (kind.name != "hmac") { continue; }
        const auto built = kind.build({{"replay_guard", "yes"}}, callee.context());
        ASSERT_FALSE(built);
        EXPECT_EQ(built.error().code, Code::FieldInvalid);
        EXPECT_EQ(built.error().faults.at(0).pointer, "/replay_guard");
    }
}

}  // namespace
}  // namespace lintel::auth
