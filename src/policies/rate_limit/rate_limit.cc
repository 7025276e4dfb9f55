// Admits so many calls in each fixed window, exactly, over all workers.
#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "embedded/rate_limit_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/plugin.h"

namespace lintel::policies {

gateway::PolicyKind rate_limit();

namespace {

using data::Json;
using gateway::Exchange;
using gateway::Verdict;
using gateway::WindowCounter;

constexpr std::string_view kName = "rate_limit";

/// A limit that counts. Immutable but for its counter, which is shared by all workers and outlives
/// the policy.
class RateLimit final : public gateway::Policy {
public:
    struct Terms {
        std::int64_t limit;
        std::int64_t window_ms;
        TimeMs since;  ///< when the first window began
        std::string rule;
    };
    RateLimit(Terms terms, std::shared_ptr<WindowCounter> counter, const Clock& clock)
        : terms_(std::move(terms)), counter_(std::move(counter)), clock_(clock) {}

    Verdict on_request(Exchange& exchange) const override {
        const WindowCounter::Decision decision =
            counter_->take(terms_.limit, terms_.since, terms_.window_ms, clock_.now_ms());
        // Whole seconds, rounded up: who waits that long is in the next window.
        const std::int64_t reset_s = (decision.reset_ms + 999) / 1000;
        show(exchange, decision.remaining, reset_s);
        if (decision.admitted) { return Verdict::proceed(); }
        return exchange.refuse({
            .code = Code::LimitRate,
            .reason = "the calls of this window are used up",
            .rule = terms_.rule,
            .retry_after_s = static_cast<std::uint32_t>(reset_s),
        });
    }

private:
    /// Of several limits the tightest is shown.
    void show(Exchange& exchange, std::int64_t remaining, std::int64_t reset_s) const {
        if (exchange.limit >= 0 && exchange.limit_remaining <= remaining) { return; }
        exchange.limit = terms_.limit;
        exchange.limit_remaining = remaining;
        exchange.limit_reset_s = reset_s;
    }

    Terms terms_;
    std::shared_ptr<WindowCounter> counter_;
    const Clock& clock_;
};

std::int64_t milliseconds_of(std::string_view unit) {
    if (unit == "second") { return 1'000; }
    if (unit == "minute") { return 60'000; }
    return unit == "hour" ? 3'600'000 : 86'400'000;
}

Result<std::unique_ptr<const gateway::Policy>> build(const Json& config,
                                                     const gateway::BuildContext& context) {
    const std::string unit = config.at("unit").get<std::string>();
    RateLimit::Terms terms{.limit = config.at("limit").get<std::int64_t>(),
                           .window_ms = milliseconds_of(unit),
                           .since = context.effective_since,
                           .rule = {}};
    terms.rule = fmt::format("{} {} per {}", kName, terms.limit, unit);
    // A publish that leaves the limit alone finds its counter again; one that changes it begins
    // anew.
    auto counter = context.counters.window(
        fmt::format("{}/{}/{}/{}/{}/{}", kName, context.service_id, context.api_id,
                    context.environment, terms.since, terms.window_ms));
    return std::make_unique<const RateLimit>(std::move(terms), std::move(counter), context.clock);
}

}  // namespace

gateway::PolicyKind rate_limit() {
    return {.name = kName,
            .phase = gateway::Phase::Limit,
            .schema = embedded::rate_limit_schema_json,
            .build = build};
}

}  // namespace lintel::policies
