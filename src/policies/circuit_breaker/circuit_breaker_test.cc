#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using scenarios::Answer;
using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

/// What the backend of these tests answers next; 0: it cannot be called.
int next_status = 200;

class Moody final : public gateway::Backend {
public:
    Task<gateway::Verdict> call(gateway::Exchange& exchange) const override {
        if (next_status == 0) { co_return exchange.refuse(Code::BackendConnect); }
        if (next_status == 499) { co_return exchange.refuse(Code::ClientClosed); }
        exchange.response.status = next_status;
        exchange.response.body = "from the backend";
        co_return gateway::Verdict::proceed();
    }
};

gateway::Kinds kinds_with_moody() {
    gateway::Kinds all = kinds_of(register_policies);
    all.backends.push_back({.name = "moody",
                            .schema = "{}",
                            .build = [](const data::Json&, const gateway::BuildContext&)
                                -> Result<std::unique_ptr<const gateway::Backend>> {
                                return std::make_unique<const Moody>();
                            }});
    return all;
}

ServiceSetup broken_by(std::string_view config) {
    return {.api_policies = {{"circuit_breaker", std::string(config)}}, .backend = {{"moody"}}};
}

Answer call_with(Stage& stage, int status) {
    next_status = status;
    return stage.call({});
}

TEST(CircuitBreaker, OpensAtItsFailuresAndLeavesTheBackendAlone) {
    Stage stage(kinds_with_moody());
    ASSERT_TRUE(stage.publish(broken_by(R"({"failures": 2})")));
    EXPECT_EQ(call_with(stage, 500).body, "from the backend");
    EXPECT_EQ(call_with(stage, 200).status, 200);
    EXPECT_EQ(call_with(stage, 0).code, "backend.connect");
    const Answer refused = call_with(stage, 200);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code, "breaker.open");
    EXPECT_EQ(refused.header("Retry-After"), "15");
}

TEST(CircuitBreaker, AnswersItselfWhileItIsOpen) {
    Stage stage(kinds_with_moody());
    ASSERT_TRUE(stage.publish(broken_by(
        R"({"failures": 1, "answer": {"status": 203, "headers": {"X-Kind": "spare"},
                                      "body": "{\"items\": []}"}})")));
    EXPECT_EQ(call_with(stage, 502).status, 502);
    const Answer spare = call_with(stage, 200);
    EXPECT_EQ(spare.status, 203);
    EXPECT_EQ(spare.body, R"({"items": []})");
    EXPECT_EQ(spare.header("X-Kind"), "spare");
    EXPECT_EQ(spare.header("Content-Type"), "application/json");
    EXPECT_EQ(spare.header("Retry-After"), "15");
    EXPECT_FALSE(spare.has_header("Cache-Control"));
    EXPECT_TRUE(spare.has_header("X-Request-Id"));
}

TEST(CircuitBreaker, APublishDoesNotCloseIt) {
    Stage stage(kinds_with_moody());
    ASSERT_TRUE(stage.publish(broken_by(R"({"failures": 1})")));
    call_with(stage, 500);
    ASSERT_TRUE(stage.publish(broken_by(R"({"failures": 5})")));
    EXPECT_EQ(call_with(stage, 200).code, "breaker.open");
}

TEST(CircuitBreaker, OnlyWhatSaysSomethingAboutTheBackendCounts) {
    Stage stage(kinds_with_moody());
    ASSERT_TRUE(stage.publish(broken_by(R"({"failures": 1, "statuses": ["503"]})")));
    for (const int harmless : {500, 404, 499}) {
        EXPECT_NE(call_with(stage, harmless).code, "breaker.open");
    }
    EXPECT_EQ(call_with(stage, 200).status, 200);
    call_with(stage, 503);
    EXPECT_EQ(call_with(stage, 200).code, "breaker.open");
}

TEST(CircuitBreaker, CallsThatNeverReachTheBackendDoNotCount) {
    Stage stage(kinds_with_moody());
    ServiceSetup setup = broken_by(R"({"failures": 1})");
    setup.policies = {{"ip_access", R"({"mode": "block", "addresses": ["10.0.0.1"]})"}};
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({.client = "10.0.0.1"}).status, 403);
    EXPECT_EQ(call_with(stage, 200).status, 200);
    call_with(stage, 500);
    EXPECT_EQ(stage.call({.client = "10.0.0.1"}).status, 403)
        << "an open breaker lets strangers in";
}

TEST(CircuitBreaker, SettingsThatCannotHoldAreRefused) {
    Stage stage(kinds_with_moody());
    const auto pointer_of = [&](const ServiceSetup& setup) {
        const Status published = stage.publish(setup);
        return published || published.error().faults.empty() ? std::string("none")
                                                             : published.error().faults[0].pointer;
    };
    EXPECT_EQ(pointer_of(broken_by(R"({"trials": 0})")), "/trials");
    EXPECT_EQ(pointer_of(broken_by(R"({"statuses": ["700"]})")), "/statuses/0");
    EXPECT_EQ(pointer_of(broken_by(R"({"answer": {"status": 204, "body": "x"}})")), "/answer/body");
    EXPECT_EQ(pointer_of(broken_by(R"({"answer": {"headers": {"Content-Length": "1"}}})")),
              "/answer/headers/Content-Length");
    EXPECT_EQ(pointer_of({.policies = {{"circuit_breaker"}}}), "");
}

}  // namespace
}  // namespace lintel::policies
