#include "gateway/upstream/server_state.h"

#include <gtest/gtest.h>

#include "gateway/upstream/upstream.h"

namespace lintel::gateway {
namespace {

using std::chrono::milliseconds;

PassiveSettings settings() {
    return {.failures = 3,
            .window = milliseconds(1000),
            .ejection = milliseconds(500),
            .max_ejection = milliseconds(1500),
            .max_ejected_percent = 50,
            .statuses = {}};
}

TEST(ServerState, HasTooManyFailuresOnlyWithinTheWindow) {
    ServerState server;
    EXPECT_FALSE(server.note_failure(settings(), "x", 10'000));
    EXPECT_FALSE(server.note_failure(settings(), "x", 10'500));
    EXPECT_FALSE(server.note_failure(settings(), "x", 11'000)) << "the first is forgotten";
    EXPECT_TRUE(server.note_failure(settings(), "y", 11'100));
    const ServerReport report = server.report(11'100);
    EXPECT_EQ(report.last_failure, "y");
    EXPECT_EQ(report.failures, 4U);
    EXPECT_TRUE(report.available);
}

TEST(ServerState, IsLeftAloneLongerEachTimeItFailsAgainSoon) {
    ServerState server;
    const auto out_for = [&server](std::uint64_t now) {
        server.eject(settings(), now);
        return server.report(now).ejected_for_ms;
    };
    EXPECT_EQ(out_for(10'000), 500U);
    EXPECT_FALSE(server.is_available(10'499));
    EXPECT_TRUE(server.is_available(10'500));
    EXPECT_EQ(out_for(10'600), 1000U);
    EXPECT_EQ(out_for(12'000), 1500U) << "never longer than the longest";
    EXPECT_EQ(out_for(13'600), 1500U);
    EXPECT_EQ(out_for(13'600 + 1500 + 1501), 500U) << "it stayed well for as long as it was out";
    EXPECT_EQ(server.report(0).ejections, 5U);
    EXPECT_EQ(server.available_since_ms(), 13'600U + 1500 + 1501 + 500);
}

TEST(ServerState, TurnsAfterAsManyChecksInARowAsWereSaid) {
    ServerState server;
    const CheckThresholds thresholds{.healthy = 2, .unhealthy = 3};
    EXPECT_FALSE(server.report(0).up.has_value()) << "not checked yet";
    EXPECT_FALSE(server.note_check(thresholds, false, "refused", 1000));
    EXPECT_FALSE(server.note_check(thresholds, false, "refused", 2000));
    EXPECT_FALSE(server.note_check(thresholds, true, "answered 200", 3000));
    EXPECT_FALSE(server.note_check(thresholds, false, "refused", 4000));
    EXPECT_FALSE(server.note_check(thresholds, false, "refused", 5000));
    EXPECT_TRUE(server.is_available(5000));
    EXPECT_TRUE(server.note_check(thresholds, false, "refused", 6000));
    EXPECT_FALSE(server.is_available(6000));
    EXPECT_EQ(server.report(6500).last_check, "refused");
    EXPECT_EQ(server.report(6500).last_check_ms_ago, 500U);
    EXPECT_FALSE(server.note_check(thresholds, true, "answered 200", 7000));
    EXPECT_TRUE(server.note_check(thresholds, true, "answered 200", 8000));
    EXPECT_TRUE(server.is_available(8000));
    EXPECT_EQ(server.available_since_ms(), 8000U) << "the slow start begins";
}

TEST(ServerState, IsWellAgainWhenNobodyChecksIt) {
    ServerState server;
    server.note_check({.healthy = 1, .unhealthy = 1}, false, "refused", 1000);
    EXPECT_FALSE(server.is_available(1000));
    server.forget_checks();
    EXPECT_TRUE(server.is_available(1000));
    EXPECT_FALSE(server.report(1000).up.has_value());
}

/// An upstream of servers "0", "1", ... that eject at the first failure.
Upstream upstream_of(std::size_t count, std::uint32_t max_ejected_percent) {
    Upstream upstream;
    upstream.passive = settings();
    upstream.passive.failures = 1;
    upstream.passive.max_ejected_percent = max_ejected_percent;
    upstream.state = std::make_shared<UpstreamState>();
    for (std::size_t i = 0; i < count; ++i) {
        upstream.servers.push_back({.address = std::to_string(i),
                                    .origin = http::Origin("server", 80),
                                    .check_origin = {},
                                    .state = std::make_shared<ServerState>()});
    }
    return upstream;
}

std::size_t ejected_of(std::size_t count, std::uint32_t max_ejected_percent) {
    const Upstream upstream = upstream_of(count, max_ejected_percent);
    std::size_t ejected = 0;
    for (const UpstreamServer& server : upstream.servers) {
        upstream.note_failure(server, "x", 10'000);
        ejected += server.state->is_ejected(10'000) ? 1U : 0U;
    }
    return ejected;
}

TEST(Upstream, EjectsAShareOfItsServersAtMost) {
    EXPECT_EQ(ejected_of(10, 50), 5U);
    EXPECT_EQ(ejected_of(10, 33), 3U);
    EXPECT_EQ(ejected_of(3, 10), 1U) << "one of several may always go";
    EXPECT_EQ(ejected_of(3, 100), 2U) << "the last one never goes";
    EXPECT_EQ(ejected_of(1, 100), 0U);
    EXPECT_EQ(ejected_of(10, 0), 0U);
}

TEST(Upstream, CountsOnlyServersThatGetCalls) {
    Upstream upstream = upstream_of(3, 100);
    upstream.servers[1].weight = 0;
    upstream.servers[2].enabled = false;
    upstream.note_failure(upstream.servers[0], "x", 10'000);
    EXPECT_TRUE(upstream.is_available(10'000)) << "the only one that gets calls was ejected";
    upstream.servers[0].enabled = false;
    EXPECT_FALSE(upstream.is_available(10'000));
}

}  // namespace
}  // namespace lintel::gateway
