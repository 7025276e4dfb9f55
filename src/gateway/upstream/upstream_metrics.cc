#include "gateway/upstream/upstream_metrics.h"

#include <algorithm>

#include "gateway/metrics_page.h"

namespace lintel::gateway {
namespace {

struct Reported {
    const Upstream* upstream;
    UpstreamReport report;
};

/// Names and addresses hold no character that labels would have to escape.
class UpstreamPage : public MetricsPage {
public:
    explicit UpstreamPage(const std::vector<Reported>& all) : all_(all) {}

    template <typename Value>
    void per_upstream(std::string_view name, std::string_view type, std::string_view help,
                      Value value_of) {
        family(name, type, help);
        for (const Reported& one : all_) {
            format("{}{{upstream=\"{}\"}} {}\n", name, one.upstream->name, value_of(one));
        }
    }
    template <typename Value>
    void per_server(std::string_view name, std::string_view type, std::string_view help,
                    Value value_of) {
        family(name, type, help);
        for (const Reported& one : all_) {
            for (const auto& [address, server] : one.report.servers) {
                format("{}{{upstream=\"{}\",server=\"{}\"}} {}\n", name, one.upstream->name,
                       address, value_of(server));
            }
        }
    }

private:
    const std::vector<Reported>& all_;
};

/// For graphs: 0 closed, 1 half-open, 2 open.
int number_of(std::optional<Breaker::State> state) {
    return static_cast<int>(state.value_or(Breaker::State::Closed));
}

}  // namespace

std::string upstream_metrics_text(const UpstreamTable& upstreams, std::uint64_t now_ms) {
    std::vector<Reported> all;
    for (const auto& upstream : upstreams.by_slot()) {
        if (upstream != nullptr) { all.push_back({upstream.get(), report_of(*upstream, now_ms)}); }
    }
    if (all.empty()) { return {}; }
    std::ranges::sort(all, {}, [](const Reported& one) { return one.upstream->name; });
    UpstreamPage text(all);
    text.per_upstream("lintel_upstream_available", "gauge", "1 while any server may be called.",
                      [](const Reported& one) { return one.report.available ? 1 : 0; });
    text.per_upstream("lintel_upstream_breaker_state", "gauge", "0 closed, 1 half-open, 2 open.",
                      [](const Reported& one) { return number_of(one.report.breaker); });
    text.per_upstream(
        "lintel_upstream_breaker_opened_total", "counter", "Times the breaker opened.",
        [](const Reported& one) { return one.upstream->state->breaker.times_opened(); });
    text.per_upstream("lintel_upstream_retries_total", "counter", "Calls that were retries.",
                      [](const Reported& one) { return one.upstream->state->budget.taken(); });
    text.per_upstream("lintel_upstream_retries_refused_total", "counter",
                      "Retries that the budget did not allow.",
                      [](const Reported& one) { return one.upstream->state->budget.refused(); });
    text.per_server("lintel_upstream_server_up", "gauge",
                    "1 while the server passes its checks and is not ejected.",
                    [](const ServerReport& server) { return server.available ? 1 : 0; });
    text.per_server("lintel_upstream_server_ejections_total", "counter",
                    "Times the server was ejected for failing calls.",
                    [](const ServerReport& server) { return server.ejections; });
    text.per_server("lintel_upstream_server_calls_total", "counter", "Calls, retries included.",
                    [](const ServerReport& server) { return server.calls; });
    text.per_server("lintel_upstream_server_failures_total", "counter", "Calls that failed.",
                    [](const ServerReport& server) { return server.failures; });
    text.per_server("lintel_upstream_server_in_flight", "gauge", "Calls under way.",
                    [](const ServerReport& server) { return server.in_flight; });
    return text.take();
}

}  // namespace lintel::gateway
