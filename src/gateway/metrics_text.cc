#include <fmt/core.h>

#include <iterator>
#include <map>

#include "gateway/metrics.h"
#include "gateway/metrics_page.h"

namespace lintel::gateway {
namespace {

using Outcomes = std::map<std::uint32_t, std::uint64_t>;

struct DurationSums {
    std::array<std::uint64_t, kDurationBoundsUs.size() + 1> buckets{};
    std::uint64_t sum_us = 0;
    std::uint64_t count = 0;

    void add(const MetricsSeries& series, Tally MetricsSeries::Bucket::* which) {
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            const std::uint64_t calls = (series.durations[i].*which).value();
            buckets[i] += calls;
            count += calls;
        }
    }
};

/// One series over all workers.
struct SeriesSums {
    std::string labels;  // environment="…",service="…",api="…",method="…"
    Outcomes outcomes;
    std::uint64_t further_outcomes = 0;
    DurationSums total;
    DurationSums backend;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;

    void add(const MetricsSeries& series) {
        for (const MetricsSeries::Outcome& outcome : series.outcomes) {
            const std::uint32_t key = outcome.key.load(std::memory_order_acquire);
            if (key == 0) { break; }
            outcomes[key] += outcome.count.value();
        }
        further_outcomes += series.further_outcomes.value();
        total.add(series, &MetricsSeries::Bucket::total);
        total.sum_us += series.total_us.value();
        backend.add(series, &MetricsSeries::Bucket::backend);
        backend.sum_us += series.backend_us.value();
        bytes_in += series.bytes_in.value();
        bytes_out += series.bytes_out.value();
    }
};

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '\\' || c == '"') { out.push_back('\\'); }
        if (c == '\n') {
            out += "\\n";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string label_text(const SeriesLabels& labels) {
    return fmt::format(R"(environment="{}",service="{}",api="{}",method="{}")",
                       escaped(labels.environment), escaped(labels.service), escaped(labels.api),
                       escaped(labels.method));
}

double seconds(std::uint64_t us) {
    return static_cast<double>(us) / 1e6;
}

void write_histogram(MetricsPage& text, std::string_view name, const SeriesSums& sums,
                     const DurationSums& durations) {
    if (durations.count == 0) { return; }
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kDurationBoundsUs.size(); ++i) {
        below += durations.buckets[i];
        text.format("{}_bucket{{{},le=\"{}\"}} {}\n", name, sums.labels,
                    seconds(kDurationBoundsUs[i]), below);
    }
    text.format("{}_bucket{{{},le=\"+Inf\"}} {}\n", name, sums.labels, durations.count);
    text.format("{}_sum{{{}}} {}\n", name, sums.labels, seconds(durations.sum_us));
    text.format("{}_count{{{}}} {}\n", name, sums.labels, durations.count);
}

std::vector<SeriesSums> sum_up(const MetricsRegistry& registry,
                               std::span<const MetricsSlab* const> slabs) {
    std::map<std::uint32_t, SeriesSums> by_id;
    for (const MetricsSlab* slab : slabs) {
        for (const auto* series = slab->newest(); series != nullptr; series = series->before) {
            by_id[series->id].add(*series);
        }
    }
    std::vector<SeriesSums> used;
    const std::vector<SeriesLabels> labels = registry.all();
    for (auto& [id, sums] : by_id) {
        if (sums.total.count == 0) { continue; }
        sums.labels = label_text(labels.at(id));
        used.push_back(std::move(sums));
    }
    return used;
}

void write_requests(MetricsPage& text, const std::vector<SeriesSums>& all) {
    text.family("lintel_requests_total", "counter", "Requests answered, by outcome.");
    for (const SeriesSums& sums : all) {
        for (const auto& [key, count] : sums.outcomes) {
            const auto refusal = MetricsSeries::refusal_of(key);
            text.format("lintel_requests_total{{{},status=\"{}\",refusal=\"{}\"}} {}\n",
                        sums.labels, MetricsSeries::status_of(key),
                        refusal ? info(*refusal).name : "", count);
        }
        if (sums.further_outcomes > 0) {
            text.format("lintel_requests_total{{{},status=\"other\",refusal=\"other\"}} {}\n",
                        sums.labels, sums.further_outcomes);
        }
    }
}

void write_refusals(MetricsPage& text, const std::vector<SeriesSums>& all) {
    std::map<Code, std::uint64_t> counts;
    for (const SeriesSums& sums : all) {
        for (const auto& [key, count] : sums.outcomes) {
            if (const auto refusal = MetricsSeries::refusal_of(key)) { counts[*refusal] += count; }
        }
    }
    text.family("lintel_refusals_total", "counter", "Requests refused, by phase and code.");
    for (const auto& [code, count] : counts) {
        text.format("lintel_refusals_total{{phase=\"{}\",code=\"{}\"}} {}\n", info(code).phase,
                    info(code).name, count);
    }
}

void write_durations_and_bytes(MetricsPage& text, const std::vector<SeriesSums>& all) {
    text.family("lintel_request_duration_seconds", "histogram",
                "From the first byte of the request to the end of the answer.");
    for (const SeriesSums& sums : all) {
        write_histogram(text, "lintel_request_duration_seconds", sums, sums.total);
    }
    text.family("lintel_backend_duration_seconds", "histogram",
                "From the call of the backend to the head of its answer.");
    for (const SeriesSums& sums : all) {
        write_histogram(text, "lintel_backend_duration_seconds", sums, sums.backend);
    }
    text.family("lintel_request_bytes_total", "counter", "Bytes received, heads included.");
    for (const SeriesSums& sums : all) {
        text.format("lintel_request_bytes_total{{{}}} {}\n", sums.labels, sums.bytes_in);
    }
    text.family("lintel_response_bytes_total", "counter", "Bytes sent, heads included.");
    for (const SeriesSums& sums : all) {
        text.format("lintel_response_bytes_total{{{}}} {}\n", sums.labels, sums.bytes_out);
    }
}

void write_phases(MetricsPage& text, std::span<const MetricsSlab* const> slabs) {
    text.family("lintel_phase_duration_seconds", "summary", "Time spent in each phase.");
    for (std::size_t i = 0; i < kPhaseCount; ++i) {
        std::uint64_t count = 0;
        std::uint64_t sum_us = 0;
        for (const MetricsSlab* slab : slabs) {
            count += slab->phases[i].count.value();
            sum_us += slab->phases[i].sum_us.value();
        }
        text.format("lintel_phase_duration_seconds_sum{{phase=\"{}\"}} {}\n", kPhaseNames[i],
                    seconds(sum_us));
        text.format("lintel_phase_duration_seconds_count{{phase=\"{}\"}} {}\n", kPhaseNames[i],
                    count);
    }
}

void write_connections(MetricsPage& text, const http::ConnectionLimits::Counts& counts) {
    text.family("lintel_connections_open", "gauge", "Connections of callers.");
    text.format("lintel_connections_open {}\n", counts.open);
    text.family("lintel_connections_accepted_total", "counter",
                "Connections accepted, those turned away at once included.");
    text.format("lintel_connections_accepted_total {}\n", counts.accepted);
    text.family("lintel_connections_refused_total", "counter", "Connections turned away.");
    constexpr std::array<std::string_view, http::ConnectionLimits::kRefusals> kReasons = {
        "limit", "client_limit", "memory", "proxy_header"};
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
        text.format("lintel_connections_refused_total{{reason=\"{}\"}} {}\n", kReasons[i],
                    counts.refused[i]);
    }
}

}  // namespace

std::string metrics_text(const MetricsRegistry& registry, std::span<const MetricsSlab* const> slabs,
                         const GatewayFacts& facts) {
    MetricsPage text;
    text.family("lintel_build_info", "gauge", "Always 1; says what runs.");
    text.format("lintel_build_info{{version=\"{}\"}} 1\n", escaped(facts.version));
    text.family("lintel_config_revision", "gauge", "Revision that every worker serves.");
    text.format("lintel_config_revision {}\n", facts.revision);
    text.family("lintel_config_apply_total", "counter", "Snapshots installed.");
    text.format("lintel_config_apply_total{{result=\"success\"}} {}\n", facts.installs);
    text.family("lintel_config_apply_timestamp_seconds", "gauge", "When the last one was.");
    text.format("lintel_config_apply_timestamp_seconds {}\n", facts.installed_at_s);

    std::uint64_t in_flight = 0;
    for (const MetricsSlab* slab : slabs) {
        in_flight += slab->in_flight.value();
    }
    text.family("lintel_requests_in_flight", "gauge", "Requests being served right now.");
    text.format("lintel_requests_in_flight {}\n", in_flight);
    write_connections(text, facts.connections);
    text.family("lintel_log_dropped_total", "counter", "Access log records that were lost.");
    text.format("lintel_log_dropped_total {}\n", facts.log_dropped);
    text.family("lintel_metrics_series_dropped_total", "counter",
                "Routes that are counted under \"other\".");
    text.format("lintel_metrics_series_dropped_total {}\n", registry.dropped());

    const std::vector<SeriesSums> all = sum_up(registry, slabs);
    write_requests(text, all);
    write_refusals(text, all);
    write_durations_and_bytes(text, all);
    write_phases(text, slabs);
    return text.take();
}

}  // namespace lintel::gateway
