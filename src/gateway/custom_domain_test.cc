// What a custom domain does with a call, through the real pipeline.
#include <gtest/gtest.h>

#include "gateway/domain.h"
#include "scenarios/stage.h"

namespace lintel::gateway {
namespace {

using scenarios::Answer;
using scenarios::Call;
using scenarios::ServiceSetup;
using scenarios::Stage;

class CustomDomain : public testing::Test {
protected:
    static Domain domain(const std::string& prefix = "/") {
        return {.id = "dom_1",
                .name = "api.example.com",
                .mappings = {{.prefix = prefix, .service = "pets", .environment = "test"}}};
    }

    Answer call(const Domain& domain, Call call) {
        const Status published = stage.publish({.domains = {domain}});
        EXPECT_TRUE(published);
        if (call.host == "localhost") { call.host = "API.example.com:8443"; }
        return stage.call(call);
    }

    Stage stage{Kinds{}};
};

TEST_F(CustomDomain, LeadsToItsServicesAndNowhereElse) {
    EXPECT_EQ(call(domain(), {.target = "/pets?a=b"}).status, 200);
    EXPECT_EQ(stage.seen.path, "/pets");
    EXPECT_EQ(call(domain("/v1"), {.target = "/v1/pets"}).status, 200);
    EXPECT_EQ(stage.seen.path, "/pets");
    for (const char* target : {"/pets", "/v1", "/v1/", "/v1pets", "/test/pets/pets"}) {
        const Answer refused = call(domain("/v1"), {.target = target});
        EXPECT_EQ(refused.code, "route.not_found") << target;
    }
    EXPECT_EQ(call(domain("/v1"), {.host = "other.example.com"}).status, 200);
    EXPECT_EQ(stage.seen.calls, 3);
}

TEST_F(CustomDomain, GoesBeforeTheNameOfAServiceBelowTheBaseDomain) {
    Domain own = domain("/v1");
    own.name = "pets-test.localhost";
    EXPECT_EQ(call(own, {.target = "/pets", .host = own.name}).status, 404);
    EXPECT_EQ(call(own, {.target = "/v1/pets", .host = own.name}).status, 200);
    own.name = "other.localhost";
    EXPECT_EQ(call(own, {.target = "/pets", .host = "pets-test.localhost"}).status, 200);
}

TEST_F(CustomDomain, LetsTheCallerChooseTheEnvironment) {
    Domain other = domain();
    other.mappings.front().environment = "release";
    EXPECT_EQ(call(other, {.target = "/pets"}).code, "route.not_found");
    EXPECT_EQ(call(other, {.target = "/pets", .headers = {{"X-STAGE", "test"}}}).status, 200);
    for (const auto& [name, value] : stage.seen.headers) {
        EXPECT_NE(name, "X-STAGE") << value;
    }
    for (const char* stage_name : {"", "prepub", "test/pets", "TEST", "test.", ".test"}) {
        const Answer refused =
            call(domain(), {.target = "/pets", .headers = {{"X-Stage", stage_name}}});
        EXPECT_EQ(refused.status, 404) << stage_name;
        EXPECT_EQ(refused.code, "route.stage_unknown") << stage_name;
    }
    EXPECT_EQ(
        call(domain(), {.target = "/pets", .headers = {{"X-Stage", std::string(500, 'a')}}}).code,
        "route.stage_unknown");
    EXPECT_EQ(
        call(domain(), {.target = "/pets", .headers = {{"X-Stage", "test"}, {"x-stage", "test"}}})
            .code,
        "request.header_forbidden");
}

TEST_F(CustomDomain, SendsPlainCallsOnToHttps) {
    Domain redirecting = domain();
    redirecting.redirect_to_https = true;
    redirecting.https_port = ":8443";
    const Answer moved = call(redirecting, {.method = "POST", .target = "/pets?a=%20"});
    EXPECT_EQ(moved.status, 308);
    EXPECT_EQ(moved.header("Location"), "https://api.example.com:8443/pets?a=%20");
    EXPECT_EQ(call(redirecting, {.target = "/pets", .secure = true}).status, 200);
    ASSERT_TRUE(stage.publish({.domains = {redirecting}, .adjust = [](CompiledService& service) {
                                   service.scheme = Scheme::Http;
                               }}));
    EXPECT_EQ(stage.call({.target = "/pets", .host = "api.example.com"}).status, 200);
}

TEST_F(CustomDomain, WantsAConnectionMadeUnderItsRules) {
    Domain strict = domain();
    strict.tls_rules = "now";
    strict.needs_own_handshake = true;
    EXPECT_EQ(call(strict, {.target = "/pets", .secure = true, .tls_rules = "now"}).status, 200);
    for (const char* rules : {"", "before", "no"}) {
        const Answer refused =
            call(strict, {.target = "/pets", .secure = true, .tls_rules = rules});
        EXPECT_EQ(refused.status, 421) << rules;
        EXPECT_EQ(refused.code, "route.misdirected") << rules;
    }
    EXPECT_EQ(call(strict, {.target = "/pets"}).status, 200) << "TLS 1.3 where there is TLS";
    Domain lenient = domain();
    lenient.tls_rules = "now";
    EXPECT_EQ(call(lenient, {.target = "/pets", .secure = true, .tls_rules = "x"}).status, 200);
}

TEST_F(CustomDomain, WithClientCertificatesIsNotServedWithoutTls) {
    Domain guarded = domain();
    guarded.needs_https = true;
    const Answer refused = call(guarded, {.target = "/pets"});
    EXPECT_EQ(refused.status, 426);
    EXPECT_EQ(refused.code, "route.protocol_required");
    guarded.redirect_to_https = true;
    EXPECT_EQ(call(guarded, {.target = "/nothing"}).status, 308);
}

}  // namespace
}  // namespace lintel::gateway
