// Admits so many calls in each fixed window, exactly, over all workers: of all callers together, of
// each credential, of each address.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "embedded/rate_limit_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/plugin.h"

namespace lintel::policies {

gateway::PolicyKind rate_limit();

namespace {

using data::Json;
using gateway::CallerCounters;
using gateway::Exchange;
using gateway::Verdict;
using gateway::WindowCounter;

constexpr std::string_view kName = "rate_limit";
constexpr std::string_view kPerCaller = "per_caller";
constexpr std::string_view kPerAddress = "per_address";

/// How many calls in how long.
struct Terms {
    std::int64_t limit = 0;
    std::int64_t window_ms = 0;
    std::string rule = {};
};

/// Another limit for one credential.
struct Special {
    std::string credential;
    std::int64_t limit;
};

struct OfAll {
    Terms terms;
    std::shared_ptr<WindowCounter> counter;
};
struct OfEach {
    Terms terms;
    std::vector<Special> special;  ///< by credential
    std::shared_ptr<CallerCounters> counters;
};

struct Limits {
    std::optional<OfAll> all = {};
    std::optional<OfEach> caller = {};
    std::optional<OfEach> address = {};
};

/// Limits that count. Immutable but for their counters, which are shared by all workers and outlive
/// the policy.
class RateLimit final : public gateway::Policy {
public:
    RateLimit(Limits limits, TimeMs since, const Clock& clock)
        : limits_(std::move(limits)), since_(since), clock_(clock) {}

    /// The narrow limits first: what one caller has too much does not use up what all may have.
    Verdict on_request(Exchange& exchange) const override {
        const TimeMs now = clock_.now_ms();
        if (limits_.address) {
            const Verdict verdict = count_address(exchange, *limits_.address, now);
            if (!verdict.proceeds()) { return verdict; }
        }
        const gateway::Credential* const caller = exchange.principal.credential;
        if (limits_.caller && caller != nullptr) {
            const Verdict verdict = count_caller(exchange, *limits_.caller, caller->id, now);
            if (!verdict.proceeds()) { return verdict; }
        }
        if (!limits_.all) { return Verdict::proceed(); }
        const auto& [terms, counter] = *limits_.all;
        return conclude(exchange, counter->take(terms.limit, since_, terms.window_ms, now), terms,
                        terms.limit, Code::LimitRate);
    }

private:
    Verdict count_address(Exchange& exchange, const OfEach& each, TimeMs now) const {
        const IpAddress& address = exchange.client_address;
        // Whoever has an IPv6 address has a network of them.
        constexpr std::size_t kNetworkBytes = 8;
        const auto& bytes = address.bytes();
        const std::string_view key(reinterpret_cast<const char*>(bytes.data()),
                                   address.is_v4() ? bytes.size() : kNetworkBytes);
        const auto decision =
            each.counters->take(key, each.terms.limit, since_, each.terms.window_ms, now);
        return conclude(exchange, decision, each.terms, each.terms.limit, Code::LimitAddressRate);
    }

    Verdict count_caller(Exchange& exchange, const OfEach& each, const std::string& caller,
                         TimeMs now) const {
        const auto special =
            std::ranges::lower_bound(each.special, caller, {}, &Special::credential);
        const bool is_special = special != each.special.end() && special->credential == caller;
        const std::int64_t limit = is_special ? special->limit : each.terms.limit;
        const auto decision = each.counters->take(caller, limit, since_, each.terms.window_ms, now);
        return conclude(exchange, decision, each.terms, limit, Code::LimitCallerRate);
    }

    static Verdict conclude(Exchange& exchange, const WindowCounter::Decision& decision,
                            const Terms& terms, std::int64_t limit, Code code) {
        // Whole seconds, rounded up: who waits that long is in the next window.
        const std::int64_t reset_s = (decision.reset_ms + 999) / 1000;
        show(exchange, limit, decision.remaining, reset_s);
        if (decision.admitted) { return Verdict::proceed(); }
        return exchange.refuse({
            .code = code,
            .reason = "the calls of this window are used up",
            .rule = terms.rule,
            .retry_after_s = static_cast<std::uint32_t>(reset_s),
        });
    }

    /// Of several limits the tightest is shown.
    static void show(Exchange& exchange, std::int64_t limit, std::int64_t remaining,
                     std::int64_t reset_s) {
        if (exchange.limit >= 0 && exchange.limit_remaining <= remaining) { return; }
        exchange.limit = limit;
        exchange.limit_remaining = remaining;
        exchange.limit_reset_s = reset_s;
    }

    Limits limits_;
    TimeMs since_;  ///< when the first window began
    const Clock& clock_;
};

std::int64_t milliseconds_of(std::string_view unit) {
    if (unit == "second") { return 1'000; }
    if (unit == "minute") { return 60'000; }
    return unit == "hour" ? 3'600'000 : 86'400'000;
}

Terms read_terms(const Json& config, std::string_view scope) {
    const std::string unit = config.at("unit").get<std::string>();
    Terms terms{.limit = config.at("limit").get<std::int64_t>(),
                .window_ms = milliseconds_of(unit)};
    terms.rule = fmt::format("{} {} per {}", scope, terms.limit, unit);
    return terms;
}

std::vector<Special> read_special(const Json& config) {
    std::vector<Special> special;
    if (const Json* list = data::find(config, "special")) {
        for (const Json& row : *list) {
            special.push_back(
                {row.at("credential").get<std::string>(), row.at("limit").get<std::int64_t>()});
        }
    }
    std::ranges::sort(special, {}, &Special::credential);
    return special;
}

std::unexpected<Error> fault(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the limits are not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

Status check(const Json& config) {
    const bool has_limit = data::find(config, "limit") != nullptr;
    const bool has_unit = data::find(config, "unit") != nullptr;
    if (has_limit != has_unit) {
        return fault(has_limit ? "/unit" : "/limit", "field.required",
                     "is required: a limit has a number and a unit");
    }
    if (!has_limit && data::find(config, kPerCaller) == nullptr &&
        data::find(config, kPerAddress) == nullptr) {
        return fault("/limit", "field.required", "is required, or 'per_caller' or 'per_address'");
    }
    return {};
}

Result<std::unique_ptr<const gateway::Policy>> build(const Json& config,
                                                     const gateway::BuildContext& context) {
    RETURN_IF_ERROR(check(config));
    // A publish that leaves the limits alone finds their counters again; one that changes them
    // begins anew.
    const auto id = [&](std::string_view scope, const Terms& terms) {
        return fmt::format("{}/{}/{}/{}/{}/{}", scope, context.service_id, context.api_id,
                           context.environment, context.effective_since, terms.window_ms);
    };
    const auto each = [&](std::string_view scope) -> std::optional<OfEach> {
        const Json* const part = data::find(config, scope);
        if (part == nullptr) { return std::nullopt; }
        Terms terms = read_terms(*part, scope);
        auto counters = context.counters.callers(id(scope, terms));
        return OfEach{std::move(terms), read_special(*part), std::move(counters)};
    };
    Limits limits{.caller = each(kPerCaller), .address = each(kPerAddress)};
    if (data::find(config, "limit") != nullptr) {
        Terms terms = read_terms(config, kName);
        auto counter = context.counters.window(id(kName, terms));
        limits.all = {std::move(terms), std::move(counter)};
    }
    return std::make_unique<const RateLimit>(std::move(limits), context.effective_since,
                                             context.clock);
}

}  // namespace

gateway::PolicyKind rate_limit() {
    return {.name = kName,
            .phase = gateway::Phase::Limit,
            .schema = embedded::rate_limit_schema_json,
            .build = build};
}

}  // namespace lintel::policies
