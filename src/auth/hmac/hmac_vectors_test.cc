#include <gtest/gtest.h>

#include "auth/hmac/signing_test.h"

namespace lintel::auth {
namespace {

using data::Json;

TEST_F(HmacTest, AcceptsTheSeedForm) {
    ASSERT_EQ(vectors()["seed_form"].size(), 20U);
    for (const Json& vector : vectors()["seed_form"]) {
        const Outcome got = outcome(request_of(vector["request"]));
        EXPECT_EQ(got.code, "ok") << vector["id"] << ": " << got.reason;
    }
}

TEST_F(HmacTest, AcceptsTheApisixForm) {
    ASSERT_EQ(vectors()["apisix_form"].size(), 8U);
    for (const Json& vector : vectors()["apisix_form"]) {
        callee.use({credential_of(vector)});
        callee.clock.set(*parse_imf_fixdate(vector["date"].get<std::string>()));
        const Outcome got = outcome(apisix_request(vector));
        EXPECT_EQ(got.code, "ok") << vector["id"] << ": " << got.reason;
    }
}

TEST_F(HmacTest, AcceptsTheOneHeaderForm) {
    ASSERT_EQ(vectors()["authorization_v1_form"].size(), 2U);
    for (const Json& vector : vectors()["authorization_v1_form"]) {
        const auto [request, same] = one_header_request(vector);
        callee.use({credential_of(same)});
        callee.clock.set(*parse_imf_fixdate(same["date"].get<std::string>()));
        const Outcome got = outcome(request);
        EXPECT_EQ(got.code, "ok") << vector["id"] << ": " << got.reason;
    }
}

TEST_F(HmacTest, RefusesWhatMustFail) {
    ASSERT_EQ(vectors()["must_fail"].size(), 14U);
    for (const Json& vector : vectors()["must_fail"]) {
        callee.clock.set(*parse_imf_fixdate(vector.value("clock", std::string(kDate))));
        const Outcome got = outcome(request_of(vector["request"]));
        EXPECT_TRUE(got.code == "auth.invalid" || got.code == "auth.missing")
            << vector["id"] << ": " << got.code;
        // The decoded path with a slash is refused before authentication; here nothing verifies it.
        EXPECT_FALSE(got.reason.empty()) << vector["id"];
    }
}

TEST_F(HmacTest, ChecksTheBodyDigest) {
    ASSERT_EQ(vectors()["body_digest"].size(), 3U);
    for (const Json& vector : vectors()["body_digest"]) {
        Request request = signed_request("POST", "/orders");
        request.body = vector["body"];
        request = with(request, "X-HMAC-DIGEST", vector["X-HMAC-DIGEST"]);
        EXPECT_EQ(code(request), "ok");
        request.body += "x";
        EXPECT_EQ(outcome(request).reason, "X-HMAC-DIGEST does not match the body");
        request = with(request, "X-HMAC-DIGEST", "not base64");
        EXPECT_EQ(code(request), "auth.invalid");
    }
}

TEST_F(HmacTest, AnyChangedBitOfASignedElementIsRefused) {
    Request good = signed_request("GET", "/demo/hello?age=36&name=james");
    good = with(good, "X-HMAC-SIGNED-HEADERS", "X-Custom-A");
    good = with(good, "X-Custom-A", "test");
    good = with(good, "X-HMAC-SIGNATURE",
                mac("GET\n/demo/hello\nage=36&name=james\n2e4d0bbad47e3b5e3a0c\nFri, 20 Nov 2026 "
                    "08:30:00 GMT\nX-Custom-A:test\n"));
    ASSERT_EQ(code(good), "ok");
    const auto flips = [&](auto&& member) {
        for (std::size_t bit = 0; bit < member(good).size() * 8; ++bit) {
            Request changed = good;
            std::string& text = member(changed);
            text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
            EXPECT_NE(code(changed), "ok") << "bit " << bit << ": " << text;
        }
    };
    flips([](auto& request) -> auto& { return request.method; });
    flips([](auto& request) -> auto& { return request.target; });
    for (const std::size_t header : {0U, 2U, 3U, 5U}) {  // signature, key, date, X-Custom-A
        flips([header](auto& request) -> auto& { return request.headers[header].second; });
    }
    EXPECT_NE(code(with(good, "X-HMAC-SIGNED-HEADERS", "")), "ok");
    EXPECT_NE(code(with(good, "X-HMAC-ALGORITHM", "hmac-sha512")), "ok");
}

}  // namespace
}  // namespace lintel::auth
