#include "gateway/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lintel::gateway {
namespace {

SeriesLabels labels(std::string api) {
    return {.environment = "test", .service = "pets", .api = std::move(api), .method = "GET"};
}

TEST(MetricsRegistry, TheSameLabelsKeepTheirSeriesOverPublishes) {
    MetricsRegistry registry;
    const auto first = registry.series(labels("a"));
    const auto second = registry.series(labels("b"));
    EXPECT_NE(first, second);
    EXPECT_GT(first, MetricsRegistry::kOther);
    EXPECT_EQ(registry.series(labels("a")), first);
}

TEST(MetricsRegistry, BeyondItsLimitRoutesShareOneSeries) {
    MetricsRegistry registry;
    for (std::uint32_t i = 0; i < MetricsRegistry::kMaxSeries; ++i) {
        registry.series(labels(std::to_string(i)));
    }
    EXPECT_EQ(registry.series(labels("one more")), MetricsRegistry::kOther);
    EXPECT_EQ(registry.dropped(), 3U);
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, AScrapeSumsTheWorkers) {
    MetricsRegistry registry;
    const auto id = registry.series(labels("a\"b"));
    MetricsSlab first;
    MetricsSlab second;
    first.series(id).add(
        {.status = 200, .total_us = 300, .backend_us = 100, .bytes_in = 5, .bytes_out = 7});
    second.series(id).add({.status = 200, .total_us = 2'000'000, .bytes_in = 1});
    second.series(id).add({.status = 429, .refusal = Code::LimitRate, .total_us = 1});
    second.series(MetricsRegistry::kNoRoute)
        .add({.status = 404, .refusal = Code::RouteNotFound, .total_us = 1});
    first.in_flight.raise();
    first.phases[static_cast<std::size_t>(Phase::Match)].count.raise(2);
    first.phases[static_cast<std::size_t>(Phase::Match)].sum_us.raise(1'500'000);

    const std::array<const MetricsSlab*, 2> slabs{&first, &second};
    const std::string text = metrics_text(
        registry, slabs,
        {.version = "1.2", .revision = 42, .installs = 3, .installed_at_s = 1.5, .log_dropped = 9});
    const std::string route = R"(environment="test",service="pets",api="a\"b",method="GET")";
    for (const std::string& line : std::vector<std::string>{
             R"(lintel_build_info{version="1.2"} 1)",
             "lintel_config_revision 42",
             R"(lintel_config_apply_total{result="success"} 3)",
             "lintel_config_apply_timestamp_seconds 1.5",
             "lintel_requests_in_flight 1",
             "lintel_log_dropped_total 9",
             "lintel_requests_total{" + route + R"(,status="200",refusal=""} 2)",
             "lintel_requests_total{" + route + R"(,status="429",refusal="limit.rate"} 1)",
             R"(lintel_requests_total{environment="",service="",api="",method="",status="404",)"
             R"(refusal="route.not_found"} 1)",
             R"(lintel_refusals_total{phase="limit",code="limit.rate"} 1)",
             "lintel_request_duration_seconds_bucket{" + route + R"(,le="0.00025"} 1)",
             "lintel_request_duration_seconds_bucket{" + route + R"(,le="0.0005"} 2)",
             "lintel_request_duration_seconds_bucket{" + route + R"(,le="2.5"} 3)",
             "lintel_request_duration_seconds_bucket{" + route + R"(,le="+Inf"} 3)",
             "lintel_request_duration_seconds_count{" + route + "} 3",
             "lintel_request_duration_seconds_sum{" + route + "} 2.000301",
             "lintel_backend_duration_seconds_count{" + route + "} 1",
             "lintel_request_bytes_total{" + route + "} 6",
             "lintel_response_bytes_total{" + route + "} 7",
             R"(lintel_phase_duration_seconds_sum{phase="match"} 1.5)",
             R"(lintel_phase_duration_seconds_count{phase="match"} 2)",
         }) {
        EXPECT_TRUE(has_line(text, line)) << line << "\nin\n" << text;
    }
}

TEST(Metrics, ASeriesIsMadeOnceAndStaysWhereItIs) {
    constexpr std::uint32_t kSeries = 5'000;
    MetricsSlab slab;
    EXPECT_EQ(slab.newest(), nullptr);
    std::vector<const MetricsSeries*> made;
    for (std::uint32_t i = 0; i < kSeries; ++i) {
        made.push_back(&slab.series(i * 7919 % MetricsRegistry::kMaxSeries));
    }
    for (std::uint32_t i = 0; i < kSeries; ++i) {
        ASSERT_EQ(&slab.series(i * 7919 % MetricsRegistry::kMaxSeries), made[i]);
    }
    // Those that look from outside meet each of them once, the last one first.
    for (const auto* series = slab.newest(); series != nullptr; series = series->before) {
        ASSERT_EQ(series, made.back());
        made.pop_back();
    }
    EXPECT_TRUE(made.empty());
}

TEST(Metrics, EveryFamilyIsDescribedOnce) {
    MetricsRegistry registry;
    const MetricsSlab slab;
    const std::array<const MetricsSlab*, 1> slabs{&slab};
    const std::string text = metrics_text(registry, slabs, {});
    std::vector<std::string> names;
    for (std::size_t at = text.find("# TYPE "); at != std::string::npos;
         at = text.find("# TYPE ", at + 1)) {
        names.push_back(text.substr(at + 7, text.find(' ', at + 7) - at - 7));
    }
    EXPECT_GE(names.size(), 12U);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(Metrics, MoreOutcomesThanPlacesAreCountedTogether) {
    MetricsRegistry registry;
    MetricsSlab slab;
    for (int status = 200; status < 230; ++status) {
        slab.series(1).add({.status = status, .total_us = 1});
    }
    const std::array<const MetricsSlab*, 1> slabs{&slab};
    EXPECT_NE(metrics_text(registry, slabs, {}).find(R"(status="other",refusal="other"} 6)"),
              std::string::npos);
}

}  // namespace
}  // namespace lintel::gateway
