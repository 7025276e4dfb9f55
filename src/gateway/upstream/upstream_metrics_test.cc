#include "gateway/upstream/upstream_metrics.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

std::shared_ptr<Upstream> upstream_of(const std::string& name) {
    auto upstream = std::make_shared<Upstream>();
    upstream->name = name;
    upstream->breaker = BreakerSettings{.failures = 1, .statuses = {}};
    upstream->state = std::make_shared<UpstreamState>();
    upstream->servers.push_back({.address = "10.0.0.1:80",
                                 .origin = http::Origin("10.0.0.1", 80),
                                 .state = std::make_shared<ServerState>()});
    return upstream;
}

TEST(UpstreamMetrics, SayNothingWhenThereIsNoUpstream) {
    EXPECT_EQ(upstream_metrics_text(UpstreamTable(), 1000), "");
    EXPECT_EQ(upstream_metrics_text(UpstreamTable({nullptr}), 1000), "");
}

TEST(UpstreamMetrics, CountPerUpstreamAndPerServer) {
    const auto pets = upstream_of("pets");
    const auto cats = upstream_of("cats");
    ServerState& server = *pets->servers[0].state;
    server.begin_call();
    server.begin_call();
    server.end_call();
    server.note_failure({}, "answered 503", 1000);
    server.eject({}, 1000);
    pets->state->breaker.record(*pets->breaker, {}, true, 1000);
    pets->state->budget.take({}, 1000);
    pets->state->budget.take({.percent = 0, .min_per_second = 0}, 1000);
    const std::string text = upstream_metrics_text(UpstreamTable({pets, nullptr, cats}), 1000);
    for (const char* line : {
             "lintel_upstream_available{upstream=\"cats\"} 1\n"
             "lintel_upstream_available{upstream=\"pets\"} 0\n",
             "lintel_upstream_breaker_state{upstream=\"cats\"} 0\n"
             "lintel_upstream_breaker_state{upstream=\"pets\"} 2\n",
             "lintel_upstream_breaker_opened_total{upstream=\"pets\"} 1\n",
             "lintel_upstream_retries_total{upstream=\"pets\"} 1\n",
             "lintel_upstream_retries_refused_total{upstream=\"pets\"} 1\n",
             "lintel_upstream_server_up{upstream=\"pets\",server=\"10.0.0.1:80\"} 0\n",
             "lintel_upstream_server_ejections_total{upstream=\"pets\",server=\"10.0.0.1:80\"} 1\n",
             "lintel_upstream_server_calls_total{upstream=\"pets\",server=\"10.0.0.1:80\"} 2\n",
             "lintel_upstream_server_failures_total{upstream=\"pets\",server=\"10.0.0.1:80\"} 1\n",
             "lintel_upstream_server_in_flight{upstream=\"pets\",server=\"10.0.0.1:80\"} 1\n",
             "# TYPE lintel_upstream_server_calls_total counter\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

}  // namespace
}  // namespace lintel::gateway
