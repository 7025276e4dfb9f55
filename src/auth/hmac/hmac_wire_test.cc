// The vectors as bytes on a connection to the real data plane, whose clock stands where it has to.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "auth/hmac/signing_test.h"
#include "auth/wire_test.h"

namespace lintel::auth {
namespace {

using data::Json;

TEST(R98_HmacOnTheWire, AcceptsTheSeedForm) {
    Wire wire("hmac", {make_credential()});
    ASSERT_EQ(vectors()["seed_form"].size(), 20U);
    for (const Json& vector : vectors()["seed_form"]) {
        const WireAnswer answer = wire.send(request_of(vector["request"]));
        EXPECT_EQ(answer.status, 200) << vector["id"] << "\n" << answer.body;
        if (vector["request"]["method"] != "HEAD") {
            EXPECT_NE(answer.body.find("caller crd_1 by hmac\n"), std::string::npos);
            EXPECT_EQ(to_lower(answer.body).find("x-hmac"), std::string::npos) << answer.body;
        }
    }
}

TEST(R98_HmacOnTheWire, AcceptsTheApisixForm) {
    Wire wire("hmac", {});
    for (const Json& vector : vectors()["apisix_form"]) {
        wire.callee.clock.set(*parse_imf_fixdate(vector["date"].get<std::string>()));
        wire.use({credential_of(vector)});
        const WireAnswer answer = wire.send(apisix_request(vector));
        EXPECT_EQ(answer.status, 200) << vector["id"] << "\n" << answer.body;
    }
}

TEST(R98_HmacOnTheWire, AcceptsTheOneHeaderForm) {
    Wire wire("hmac", {});
    for (const Json& vector : vectors()["authorization_v1_form"]) {
        const auto [request, same] = one_header_request(vector);
        wire.callee.clock.set(*parse_imf_fixdate(same["date"].get<std::string>()));
        wire.use({credential_of(same)});
        const WireAnswer answer = wire.send(request);
        EXPECT_EQ(answer.status, 200) << vector["id"] << "\n" << answer.body;
        EXPECT_EQ(answer.body.find("hmac-auth-v1"), std::string::npos) << "hidden";
    }
}

TEST(R99_HmacOnTheWire, RefusesWhatMustFail) {
    Wire wire("hmac", {make_credential()});
    ASSERT_EQ(vectors()["must_fail"].size(), 14U);
    for (const Json& vector : vectors()["must_fail"]) {
        wire.callee.clock.set(*parse_imf_fixdate(vector.value("clock", std::string(kDate))));
        const WireAnswer answer = wire.send(request_of(vector["request"]));
        EXPECT_EQ(answer.status, vector["status"].get<int>()) << vector["id"] << "\n"
                                                              << answer.body;
        EXPECT_EQ(answer.status == 401,
                  answer.head.find("\r\nWWW-Authenticate: HMAC realm=\"lintel\"\r\n") !=
                      std::string::npos);
    }
}

/// The answer without what differs from call to call.
std::string uniform(const WireAnswer& answer) {
    Json body = Json::parse(answer.body);
    body.erase("request_id");
    return body.dump();
}

TEST(R99_HmacOnTheWire, UnknownKeyWrongSecretAndBadSignatureReadTheSame) {
    Wire wire("hmac", {make_credential()});
    const Request good = signed_request("GET", "/demo/hello");
    ASSERT_EQ(wire.send(good).status, 200);
    const std::string first = uniform(wire.send(with(good, "X-HMAC-ACCESS-KEY", "nobody")));
    EXPECT_EQ(first, uniform(wire.send(with(good, "X-HMAC-SIGNATURE", mac("other")))));
    EXPECT_EQ(first, uniform(wire.send(with(good, "X-HMAC-SIGNATURE", "x"))));
    auto other_secret = make_credential();
    other_secret->hmac.secret = Secret("another");
    other_secret->allow(crypto::HmacAlgorithm::Sha256);
    wire.use({other_secret});
    EXPECT_EQ(first, uniform(wire.send(good)));
}

TEST(HmacOnTheWire, OfCopiesOnManyConnectionsOneIsAdmitted) {
    Wire wire("hmac", {make_credential()}, {{"replay_guard", true}});
    constexpr int kRequests = 50;
    std::atomic<int> admitted{0};
    std::atomic<int> replayed{0};
    {
        std::vector<std::jthread> clients;
        for (int client = 0; client < 4; ++client) {
            clients.emplace_back([&] {
                for (int i = 0; i < kRequests; ++i) {
                    Request request = signed_request("POST", "/orders/" + std::to_string(i));
                    request.body = "{}";
                    const int status = wire.send(request).status;
                    admitted += status == 200 ? 1 : 0;
                    replayed += status == 401 ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(admitted, kRequests);
    EXPECT_EQ(replayed, 3 * kRequests);
}

TEST(HmacOnTheWire, TheBodyReachesTheBackendAfterItsDigestWasChecked) {
    Wire wire("hmac", {make_credential()});
    Request request = signed_request("POST", "/orders");
    request.body = R"({"sku":"A1"})";
    EXPECT_EQ(wire.send(with(request, "X-HMAC-DIGEST", mac(request.body))).status, 200);
    EXPECT_EQ(wire.send(with(request, "X-HMAC-DIGEST", mac("other"))).status, 401);
    request.body = std::string(1001, 'x');
    EXPECT_EQ(wire.send(with(request, "X-HMAC-DIGEST", mac(request.body))).status, 413);
}

}  // namespace
}  // namespace lintel::auth
