#include "compiler/compile_upstreams.h"

#include <gtest/gtest.h>

namespace lintel::compiler {
namespace {

using data::Json;

model::Upstream upstream_of(const std::string& settings,
                            const std::vector<std::string>& addresses = {"pets.internal:8080"}) {
    model::Upstream upstream;
    upstream.id = model::UpstreamId("ups_1");
    upstream.name = "pets";
    for (const std::string& address : addresses) {
        upstream.servers.push_back({.address = address});
    }
    upstream.settings = data::parse_json(settings).value();
    return upstream;
}

std::string fault_of(const std::string& settings) {
    const auto compiled = compile_upstream(upstream_of(settings));
    return compiled ? "none" : compiled.error().faults.front().pointer;
}

TEST(CompileUpstream, TakesSensibleDefaults) {
    const auto compiled = compile_upstream(upstream_of("{}"));
    ASSERT_TRUE(compiled) << compiled.error().message;
    EXPECT_EQ(compiled->algorithm, gateway::Algorithm::RoundRobin);
    EXPECT_EQ(compiled->passive.failures, 5U);
    EXPECT_TRUE(compiled->passive.statuses.contains(503));
    EXPECT_FALSE(compiled->passive.statuses.contains(500));
    EXPECT_FALSE(compiled->active.has_value());
    EXPECT_FALSE(compiled->breaker.has_value());
    const gateway::UpstreamServer& server = compiled->servers.front();
    EXPECT_EQ(server.origin.authority, "pets.internal:8080");
    EXPECT_FALSE(server.origin.tls.has_value());
    EXPECT_NE(server.origin.key, http::Origin("pets.internal", 8080).key)
        << "connections are not shared with others";
}

TEST(CompileUpstream, ReadsEverySetting) {
    const auto compiled = compile_upstream(upstream_of(R"({
        "algorithm": "header_hash", "hash_header": "X-User", "slow_start_ms": 5000,
        "connect_timeout_ms": 100, "http_version": "2", "tls": {"server_name": "pets.example"},
        "connections": {"max": 7, "max_pending": 6, "max_idle": 5, "idle_timeout_ms": 400},
        "retry_budget": {"percent": 9, "min_per_second": 8},
        "health": {"active": {"type": "https", "path": "/up?deep=1", "method": "HEAD", "host": "h",
                              "statuses": ["204"], "port": 9000, "interval_ms": 300,
                              "timeout_ms": 200, "healthy_threshold": 4, "unhealthy_threshold": 5},
                   "passive": {"failures": 1, "window_ms": 2000, "ejection_ms": 3000,
                               "max_ejection_ms": 4000, "max_ejected_percent": 10,
                               "statuses": ["500-503"]}},
        "breaker": {"failures": 2, "min_calls": 3, "window_ms": 4000, "open_ms": 5000,
                    "trials": 6, "statuses": ["504"]}})"));
    ASSERT_TRUE(compiled) << compiled.error().faults.front().detail;
    EXPECT_EQ(compiled->algorithm, gateway::Algorithm::HeaderHash);
    EXPECT_EQ(compiled->hash_header, "X-User");
    EXPECT_EQ(compiled->slow_start.count(), 5000);
    EXPECT_EQ(compiled->connect_timeout.count(), 100);
    EXPECT_EQ(compiled->budget.percent, 9U);
    EXPECT_EQ(compiled->budget.min_per_second, 8U);
    const gateway::UpstreamServer& server = compiled->servers.front();
    EXPECT_EQ(server.origin.tls->server_name, "pets.example");
    EXPECT_EQ(server.origin.version, http::Version::Http2);
    EXPECT_EQ(server.origin.limits->connections, 7U);
    EXPECT_EQ(server.origin.limits->waiting, 6U);
    EXPECT_EQ(server.origin.limits->idle, 5U);
    EXPECT_EQ(server.origin.limits->idle_timeout.count(), 400);
    EXPECT_EQ(server.check_origin->port, 9000);
    EXPECT_TRUE(server.check_origin->tls.has_value());
    const gateway::ActiveCheck& active = *compiled->active;
    EXPECT_EQ(active.type, gateway::ActiveCheck::Type::Http);
    EXPECT_EQ(active.path + "?" + active.query, "/up?deep=1");
    EXPECT_EQ(active.method + " " + active.host, "HEAD h");
    EXPECT_TRUE(active.statuses.contains(204));
    EXPECT_FALSE(active.statuses.contains(200));
    EXPECT_EQ(active.interval.count() + active.timeout.count(), 500);
    EXPECT_EQ(active.thresholds, (gateway::CheckThresholds{.healthy = 4, .unhealthy = 5}));
    EXPECT_EQ(compiled->passive.failures, 1U);
    EXPECT_EQ(compiled->passive.window.count(), 2000);
    EXPECT_EQ(compiled->passive.ejection.count(), 3000);
    EXPECT_EQ(compiled->passive.max_ejection.count(), 4000);
    EXPECT_EQ(compiled->passive.max_ejected_percent, 10U);
    EXPECT_TRUE(compiled->passive.statuses.contains(500));
    const gateway::BreakerSettings& breaker = *compiled->breaker;
    EXPECT_EQ(breaker.failures, 2U);
    EXPECT_EQ(breaker.percent, 0U) << "a count alone asks for no share";
    EXPECT_EQ(breaker.min_calls, 3U);
    EXPECT_EQ(breaker.window.count() + breaker.open_for.count(), 9000);
    EXPECT_EQ(breaker.trials, 6U);
    EXPECT_TRUE(breaker.statuses.contains(504));
}

TEST(CompileUpstream, PointsAtWhatCannotBeUsed) {
    EXPECT_EQ(fault_of("{}"), "none");
    EXPECT_EQ(fault_of(R"({"algorithm": "header_hash"})"), "/hash_header");
    EXPECT_EQ(fault_of(R"({"tls": {"authorities": "none"}})"), "/tls/authorities");
    EXPECT_EQ(fault_of(R"({"breaker": {"statuses": ["500-400"]}})"), "/breaker/statuses");
    EXPECT_EQ(fault_of(R"({"health": {"active": {"path": "/a%00"}}})"), "/health/active/path");
    EXPECT_EQ(fault_of(R"({"health": {"active": {"statuses": ["700"]}}})"),
              "/health/active/statuses");
    EXPECT_EQ(fault_of(R"({"health": {"passive": {"max_ejection_ms": 100}}})"),
              "/health/passive/max_ejection_ms");
}

TEST(CompileUpstream, SpeaksPlainHttpToCheckUnlessItIsSaid) {
    const auto compiled = compile_upstream(
        upstream_of(R"({"tls": {}, "health": {"active": {"type": "http", "port": 81}}})"));
    EXPECT_FALSE(compiled->servers.front().check_origin->tls.has_value());
}

TEST(BindUpstream, KeepsTheStateOfWhatStaysAndBeginsAnewWithWhatComes) {
    gateway::UpstreamRegistry registry;
    const auto bind = [&](const gateway::Upstream* before,
                          const std::vector<std::string>& addresses, std::uint64_t now) {
        return bind_upstream(compile_upstream(upstream_of("{}", addresses)).value(), before,
                             registry, now);
    };
    const auto first = bind(nullptr, {"a:1", "b:1"}, 1000);
    EXPECT_EQ(first->servers[0].state->available_since_ms(), 0U) << "there from the start";
    first->servers[0].state->eject({}, 1000);
    first->state->breaker.record({.failures = 1, .statuses = {}}, {}, true, 1000);
    const auto second = bind(first.get(), {"a:1", "c:1"}, 2000);
    EXPECT_NE(second->edition, first->edition);
    EXPECT_EQ(second->state, first->state);
    EXPECT_EQ(second->servers[0].state, first->servers[0].state);
    EXPECT_TRUE(second->servers[0].state->is_ejected(2000));
    EXPECT_EQ(second->state->breaker.state(), gateway::Breaker::State::Open);
    EXPECT_EQ(second->servers[1].state->available_since_ms(), 2000U) << "its slow start begins";
}

TEST(BindUpstream, LetsAServerThatIsEnabledAgainStartSlowly) {
    gateway::UpstreamRegistry registry;
    auto upstream = compile_upstream(upstream_of("{}", {"a:1"})).value();
    upstream.servers[0].enabled = false;
    const auto disabled = bind_upstream(upstream, nullptr, registry, 1000);
    upstream.servers[0].enabled = true;
    const auto enabled = bind_upstream(upstream, disabled.get(), registry, 5000);
    EXPECT_EQ(enabled->servers[0].state->available_since_ms(), 5000U);
}

TEST(BindUpstream, ForgetsAServerThatWasRemoved) {
    gateway::UpstreamRegistry registry;
    auto upstream = compile_upstream(upstream_of("{}", {"a:1"})).value();
    auto before = bind_upstream(upstream, nullptr, registry, 1000);
    before->servers[0].state->eject({}, 1000);
    before.reset();
    const auto again = bind_upstream(upstream, nullptr, registry, 1000);
    EXPECT_TRUE(again->servers[0].state->is_available(1000));
}

}  // namespace
}  // namespace lintel::compiler
