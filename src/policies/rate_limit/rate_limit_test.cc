#include <fmt/core.h>
#include <gtest/gtest.h>

#include "gateway/exchange.h"
#include "gateway/snapshot.h"
#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using namespace std::chrono_literals;
using scenarios::Answer;
using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

ServiceSetup limited(int limit, std::string_view unit, TimeMs since = 0) {
    return {
        .policies = {{"rate_limit", fmt::format(R"({{"limit": {}, "unit": "{}"}})", limit, unit)}},
        .effective_since = since};
}

TEST(RateLimit, AdmitsTheLimitThenRefusesUntilTheWindowEnds) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(limited(2, "minute", stage.clock.now_ms())));
    stage.clock.advance(15s);
    const Answer first = stage.call({});
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("X-RateLimit-Limit"), "2");
    EXPECT_EQ(first.header("X-RateLimit-Remaining"), "1");
    EXPECT_EQ(first.header("X-RateLimit-Reset"), "45");
    EXPECT_FALSE(first.has_header("Retry-After"));
    EXPECT_EQ(stage.call({}).status, 200);

    const Answer refused = stage.call({});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.code, "limit.rate");
    EXPECT_EQ(refused.header("Retry-After"), "45");
    EXPECT_EQ(refused.header("X-RateLimit-Remaining"), "0");
    EXPECT_EQ(stage.seen.calls, 2);

    stage.clock.advance(44'999ms);
    const Answer last = stage.call({});
    EXPECT_EQ(last.status, 429);
    EXPECT_EQ(last.header("Retry-After"), "1");
    stage.clock.advance(1ms);
    EXPECT_EQ(stage.call({}).status, 200);
}

TEST(RateLimit, EveryUnitHasItsLength) {
    for (const auto& [unit, seconds] : std::to_array<std::pair<std::string_view, int>>(
             {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}})) {
        Stage stage(kinds_of(register_policies));
        ASSERT_TRUE(stage.publish(limited(1, unit, stage.clock.now_ms())));
        EXPECT_EQ(stage.call({}).status, 200);
        const Answer refused = stage.call({});
        EXPECT_EQ(refused.header("Retry-After"), std::to_string(seconds)) << unit;
        stage.clock.advance(std::chrono::seconds(seconds));
        EXPECT_EQ(stage.call({}).status, 200) << unit;
    }
}

TEST(RateLimit, APublishThatLeavesTheLimitAloneKeepsTheCount) {
    Stage stage(kinds_of(register_policies));
    const ServiceSetup setup = limited(1, "day", stage.clock.now_ms());
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).status, 200);
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).status, 429);
}

TEST(RateLimit, ALimitThatWasTakenOffAndPutBackUnchangedKeepsTheCount) {
    Stage stage(kinds_of(register_policies));
    const ServiceSetup setup = limited(1, "day", stage.clock.now_ms());
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).status, 200);
    ASSERT_TRUE(stage.publish({}));
    EXPECT_EQ(stage.call({}).status, 200);
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).status, 429);
}

TEST(RateLimit, AChangedLimitBeginsANewWindow) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(limited(1, "day", stage.clock.now_ms())));
    EXPECT_EQ(stage.call({}).status, 200);
    stage.clock.advance(10s);
    ASSERT_TRUE(stage.publish(limited(2, "day", stage.clock.now_ms())));
    const Answer answer = stage.call({});
    EXPECT_EQ(answer.header("X-RateLimit-Remaining"), "1");
    EXPECT_EQ(answer.header("X-RateLimit-Reset"), "86400");
}

TEST(RateLimit, OfTwoLimitsBothApplyAndTheTighterIsShown) {
    Stage stage(kinds_of(register_policies));
    ServiceSetup setup = limited(5, "minute", stage.clock.now_ms());
    setup.api_policies = {{"rate_limit", R"({"limit": 2, "unit": "minute"})"}};
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).header("X-RateLimit-Remaining"), "1");
    EXPECT_EQ(stage.call({}).status, 200);
    EXPECT_EQ(stage.call({}).status, 429);
}

TEST(RateLimit, CallsRefusedBeforeAreNotCounted) {
    Stage stage(kinds_of(register_policies));
    ServiceSetup setup = limited(1, "day", stage.clock.now_ms());
    setup.policies.push_back({"ip_access", R"({"mode": "block", "addresses": ["10.0.0.1"]})"});
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({.client = "10.0.0.1"}).status, 403);
    EXPECT_EQ(stage.call({.target = "/test/pets/nothing"}).status, 404);
    EXPECT_EQ(stage.call({}).status, 200);
}

/// Whoever names a credential in X-Caller is it.
class Named final : public gateway::Authenticator {
public:
    Task<gateway::Verdict> authenticate(gateway::Exchange& exchange) const override {
        const http::Field* const name = exchange.request_fields().find("X-Caller");
        exchange.principal = {
            exchange.snapshot.credentials().by_id(name == nullptr ? "" : name->value), "named"};
        co_return gateway::Verdict::proceed();
    }
};

gateway::Kinds kinds_with_callers() {
    gateway::Kinds all = kinds_of(register_policies);
    all.auths.push_back({.name = "named",
                         .schema = "{}",
                         .build = [](const data::Json&, const gateway::BuildContext&)
                             -> Result<std::unique_ptr<const gateway::Authenticator>> {
                             return std::make_unique<const Named>();
                         }});
    return all;
}

ServiceSetup of_callers(std::string_view config, TimeMs since) {
    ServiceSetup setup{.api_policies = {{"rate_limit", std::string(config)}},
                       .auth = {"named"},
                       .effective_since = since};
    for (const char* id : {"crd_ada", "crd_bob", "crd_cyd"}) {
        gateway::Credential credential;
        credential.id = id;
        credential.grants.push_back({"svc_pets", "", ""});
        setup.credentials.push_back(std::move(credential));
    }
    return setup;
}

TEST(RateLimit, CountsEachCallerByItself) {
    Stage stage(kinds_with_callers());
    ASSERT_TRUE(stage.publish(of_callers(
        R"({"per_caller": {"limit": 2, "unit": "minute",
                           "special": [{"credential": "crd_cyd", "limit": 3},
                                       {"credential": "crd_bob", "limit": 1}]}})",
        stage.clock.now_ms())));
    const auto good_of = [&](std::string_view caller, int calls) {
        int good = 0;
        for (int i = 0; i < calls; ++i) {
            good += stage.call({.headers = {{"X-Caller", std::string(caller)}}}).status == 200;
        }
        return good;
    };
    EXPECT_EQ(good_of("crd_ada", 5), 2);
    EXPECT_EQ(good_of("crd_bob", 5), 1);
    EXPECT_EQ(good_of("crd_cyd", 5), 3);
    const Answer refused = stage.call({.headers = {{"X-Caller", "crd_cyd"}}});
    EXPECT_EQ(refused.code, "limit.caller_rate");
    EXPECT_EQ(refused.header("X-RateLimit-Limit"), "3");
    EXPECT_EQ(refused.header("Retry-After"), "60");
    stage.clock.advance(60s);
    EXPECT_EQ(good_of("crd_ada", 5), 2);
}

TEST(RateLimit, CountsEachAddressByItself) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(
        {.api_policies = {{"rate_limit", R"({"per_address": {"limit": 1, "unit": "hour"}})"}}}));
    EXPECT_EQ(stage.call({.client = "203.0.113.7"}).status, 200);
    EXPECT_EQ(stage.call({.client = "203.0.113.8"}).status, 200);
    EXPECT_EQ(stage.call({.client = "203.0.113.7"}).code, "limit.address_rate");
    EXPECT_EQ(stage.call({.client = "2001:db8::1"}).status, 200);
    EXPECT_EQ(stage.call({.client = "2001:db8::2"}).code, "limit.address_rate") << "one network";
    EXPECT_EQ(stage.call({.client = "2001:db8:0:1::2"}).status, 200);
}

TEST(RateLimit, WhatOneCallerHasTooMuchUsesUpNothingOfTheOthers) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish({.api_policies = {{"rate_limit", R"({"limit": 3, "unit": "day",
                                             "per_address": {"limit": 1, "unit": "day"}})"}}}));
    for (int i = 0; i < 10; ++i) {
        stage.call({.client = "203.0.113.7"});
    }
    EXPECT_EQ(stage.call({.client = "203.0.113.8"}).status, 200);
    EXPECT_EQ(stage.call({.client = "203.0.113.9"}).status, 200);
    EXPECT_EQ(stage.call({.client = "203.0.113.10"}).code, "limit.rate");
}

TEST(RateLimit, SettingsOutsideTheirBoundsAreRefused) {
    scenarios::run_scenarios(
        kinds_of(register_policies), "rate_limit",
        {
            {.name = "nothing", .config = R"({"limit": 0, "unit": "day"})", .faults = {"/limit"}},
            {.name = "too much",
             .config = R"({"limit": 1001, "unit": "day"})",
             .faults = {"/limit"}},
            {.name = "a part", .config = R"({"limit": 1.5, "unit": "day"})", .faults = {"/limit"}},
            {.name = "unit", .config = R"({"limit": 1, "unit": "week"})", .faults = {"/unit"}},
            {.name = "nothing at all", .config = "{}", .faults = {"/limit"}},
            {.name = "no unit", .config = R"({"limit": 1})", .faults = {"/unit"}},
            {.name = "no number", .config = R"({"unit": "day"})", .faults = {"/limit"}},
            {.name = "of a caller",
             .config = R"({"per_caller": {"limit": 0, "unit": "day"}})",
             .faults = {"/per_caller/limit"}},
            {.name = "of one caller",
             .config = R"({"per_caller": {"limit": 1, "unit": "day",
                           "special": [{"credential": "crd_1", "limit": 1001}]}})",
             .faults = {"/per_caller/special/0/limit"}},
            {.name = "of an address",
             .config = R"({"per_address": {"limit": 1}})",
             .faults = {"/per_address/unit"}},
            {.name = "the bounds", .config = R"({"limit": 1000, "unit": "second"})"},
        });
}

}  // namespace
}  // namespace lintel::policies
