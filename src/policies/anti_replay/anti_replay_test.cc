#include <gtest/gtest.h>

#include <string>

#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using namespace std::chrono_literals;
using scenarios::Answer;
using scenarios::Headers;
using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

constexpr TimeMs kNowS = 1'700'000'000;

Headers stamped(std::string nonce, std::int64_t seconds = kNowS) {
    return {{"X-Ca-Nonce", std::move(nonce)}, {"X-Ca-Timestamp", std::to_string(seconds)}};
}

ServiceSetup guarded(std::string_view config = "{}") {
    return {.api_policies = {{"anti_replay", std::string(config)}}};
}

TEST(AntiReplay, AdmitsARequestOnce) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(guarded()));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).status, 200);
    const Answer copy = stage.call({.headers = stamped("nonce-of-one")});
    EXPECT_EQ(copy.status, 403);
    EXPECT_EQ(copy.code, "replay.repeated");
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-two")}).status, 200);
    EXPECT_EQ(stage.seen.calls, 2);
}

TEST(AntiReplay, ANewTimestampDoesNotMakeAUsedNonceNew) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(guarded()));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one", kNowS - 100)}).status, 200);
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one", kNowS + 100)}).code,
              "replay.repeated");
}

TEST(AntiReplay, ANonceIsRememberedForAWindowAfterItCame) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(guarded(R"({"window_s": 60})")));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one", kNowS - 60)}).status, 200);
    stage.clock.advance(60s);
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one", kNowS + 60)}).code, "replay.repeated");
}

TEST(AntiReplay, TheTimestampMustLieInTheWindow) {
    scenarios::run_scenarios(kinds_of(register_policies), "anti_replay",
                             {
                                 {.name = "oldest",
                                  .config = R"({"window_s": 60})",
                                  .call = {.headers = stamped("nonce-of-one", kNowS - 60)}},
                                 {.name = "furthest ahead",
                                  .config = R"({"window_s": 60})",
                                  .call = {.headers = stamped("nonce-of-one", kNowS + 60)}},
                                 {.name = "too old",
                                  .config = R"({"window_s": 60})",
                                  .call = {.headers = stamped("nonce-of-one", kNowS - 61)},
                                  .status = 403,
                                  .code = "replay.outside_window"},
                                 {.name = "too far ahead",
                                  .config = R"({"window_s": 60})",
                                  .call = {.headers = stamped("nonce-of-one", kNowS + 61)},
                                  .status = 403,
                                  .code = "replay.outside_window"},
                             });
}

TEST(AntiReplay, RequestsWithoutAUsableStampAreRefused) {
    const std::string now = std::to_string(kNowS);
    const auto refused = [](std::string name, Headers headers) {
        return scenarios::Scenario{.name = std::move(name),
                                   .call = {.headers = std::move(headers)},
                                   .status = 403,
                                   .code = "replay.unmarked"};
    };
    scenarios::run_scenarios(
        kinds_of(register_policies), "anti_replay",
        {
            refused("nothing", {}),
            refused("no nonce", {{"X-Ca-Timestamp", now}}),
            refused("no timestamp", {{"X-Ca-Nonce", "nonce-of-one"}}),
            refused("a short nonce", stamped("1234567")),
            refused("a long nonce", stamped(std::string(129, 'n'))),
            refused("a nonce with a space", stamped("nonce of one")),
            refused("two nonces", {{"X-Ca-Nonce", "nonce-of-one"},
                                   {"x-ca-nonce", "nonce-of-two"},
                                   {"X-Ca-Timestamp", now}}),
            refused(
                "two timestamps",
                {{"X-Ca-Nonce", "nonce-of-one"}, {"X-Ca-Timestamp", now}, {"X-Ca-Timestamp", now}}),
            refused("no number", {{"X-Ca-Nonce", "nonce-of-one"}, {"X-Ca-Timestamp", "now"}}),
            refused("a negative number", stamped("nonce-of-one", -1)),
            refused("milliseconds", stamped("nonce-of-one", kNowS * 1000)),
            {.name = "names in any case",
             .call = {.headers = {{"x-ca-nonce", "nonce-of-one"}, {"X-CA-TIMESTAMP", now}}}},
        });
}

TEST(AntiReplay, NeitherAPublishNorAnotherWindowForgets) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(guarded()));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).status, 200);
    ASSERT_TRUE(stage.publish(guarded()));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).code, "replay.repeated");
    ASSERT_TRUE(stage.publish(guarded(R"({"window_s": 900})")));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).code, "replay.repeated");
}

TEST(AntiReplay, ARefusedCopyCountsInNoLimit) {
    Stage stage(kinds_of(register_policies));
    ServiceSetup setup = guarded();
    setup.policies = {{"rate_limit", R"({"limit": 2, "unit": "day"})"}};
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).status, 200);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(stage.call({.headers = stamped("nonce-of-one")}).status, 403);
    }
    EXPECT_EQ(stage.call({.headers = stamped("nonce-of-two")}).status, 200);
}

TEST(AntiReplay, WhatCannotBeRememberedIsRefused) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(guarded()));
    const auto guard = stage.counters().nonces("svc_pets/api_pets/test");
    const TimeMs now = stage.clock.now_ms();
    std::size_t sent = 0;
    const auto fill = [&] {
        const std::string nonce = std::to_string(++sent);
        return guard->admit(
            {.credential_id = {}, .signature = nonce, .body_digest = {}, .date = now, .skew = 300s},
            now);
    };
    while (fill() == gateway::ReplayOutcome::First) {}
    EXPECT_GT(sent, 1000U);
    const Answer refused = stage.call({.headers = stamped("nonce-of-one")});
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code, "replay.full");
    EXPECT_TRUE(refused.has_header("Retry-After"));
}

TEST(AntiReplay, SettingsOutsideTheirBoundsAreRefused) {
    scenarios::run_scenarios(
        kinds_of(register_policies), "anti_replay",
        {
            {.name = "short", .config = R"({"window_s": 9})", .faults = {"/window_s"}},
            {.name = "long", .config = R"({"window_s": 901})", .faults = {"/window_s"}},
        });
}

}  // namespace
}  // namespace lintel::policies
