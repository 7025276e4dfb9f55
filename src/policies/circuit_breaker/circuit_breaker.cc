// Leaves an API's backend alone while it keeps failing, whatever kind of backend it is, and answers
// itself meanwhile.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "embedded/circuit_breaker_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/fixed_answer.h"
#include "gateway/plugin.h"
#include "gateway/upstream/upstream_registry.h"
#include "gateway/upstream/upstream_settings.h"
#include "gateway/worker.h"

namespace lintel::policies {

gateway::PolicyKind circuit_breaker();

namespace {

using data::Json;
using gateway::Exchange;
using gateway::FixedAnswer;
using gateway::Phase;
using gateway::Verdict;
using std::chrono::milliseconds;

constexpr std::string_view kName = "circuit_breaker";

struct Settings {
    gateway::BreakerSettings breaker;
    std::optional<milliseconds> slow = {};  ///< an answer that takes longer is a failure
    std::optional<FixedAnswer> answer = {};
};

/// Immutable but for its state, which is shared by all workers and outlives the policy.
class CircuitBreaker final : public gateway::Policy {
public:
    CircuitBreaker(Settings settings, std::shared_ptr<gateway::UpstreamState> state)
        : settings_(std::move(settings)), state_(std::move(state)) {}

    Verdict on_request(Exchange& exchange) const override {
        const auto admission =
            state_->breaker.admit(settings_.breaker, exchange.worker.loop().now_ms());
        if (admission.admitted) {
            exchange.breaker_pass.begin(state_->breaker, admission);
            return Verdict::proceed();
        }
        constexpr std::uint64_t kMs = 1000;
        const auto seconds = static_cast<std::uint32_t>((admission.retry_after_ms + kMs - 1) / kMs);
        return exchange.refuse({.code = Code::BreakerOpen,
                                .reason = "the circuit breaker of the API is open",
                                .rule = kName,
                                .retry_after_s = std::max(1U, seconds)});
    }

    void on_response(Exchange& exchange) const override {
        if (const std::optional<bool> failed = has_failed(exchange)) {
            exchange.breaker_pass.end(settings_.breaker, *failed, exchange.worker.loop().now_ms());
        }
        if (settings_.answer && is_refused_here(exchange)) { answer_instead(exchange); }
    }

private:
    static bool is_refused_here(const Exchange& exchange) {
        return exchange.refusal != nullptr && exchange.refusal->code == Code::BreakerOpen;
    }

    /// nullopt when the end says nothing about the backend: the client left, its body broke off.
    std::optional<bool> has_failed(const Exchange& exchange) const {
        if (!exchange.trace.ended(Phase::Backend)) { return std::nullopt; }
        if (exchange.refusal != nullptr) {
            return info(exchange.refusal->code).phase == name_of(Phase::Backend)
                       ? std::optional(true)
                       : std::nullopt;
        }
        const milliseconds took(exchange.trace.took(Phase::Backend) / 1000);
        return settings_.breaker.statuses.contains(exchange.response.status) ||
               (settings_.slow && took > *settings_.slow);
    }

    /// The refusal stays in trace and log, and callers may know when to come back.
    void answer_instead(Exchange& exchange) const {
        exchange.response.fields.remove_if(
            [](const http::Field& field) { return field.name != "Retry-After"; });
        settings_.answer->give(exchange);
    }

    Settings settings_;
    std::shared_ptr<gateway::UpstreamState> state_;
};

std::unexpected<Error> fault(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the circuit breaker is not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

Result<FixedAnswer> read_answer(const Json& config) {
    std::vector<Fault> faults;
    FixedAnswer answer = FixedAnswer::read(config, 200, faults);
    for (Fault& part : faults) {
        part.pointer.insert(0, "/answer");
    }
    if (!faults.empty()) {
        return fail(Error{.code = Code::FieldInvalid,
                          .message = "the answer cannot be given like this",
                          .faults = std::move(faults)});
    }
    if (!answer.body.empty() && !answer.has_content_type()) {
        answer.headers.emplace_back("Content-Type", "application/json");
    }
    return answer;
}

Result<std::unique_ptr<const gateway::Policy>> build(const Json& config,
                                                     const gateway::BuildContext& context) {
    if (context.api_id.empty()) {
        return fault("", "policy.of_api",
                     "belongs to an API: each has a backend of its own that can fail");
    }
    Settings settings;
    ASSIGN_OR_RETURN(settings.breaker, gateway::read_breaker(config));
    if (const Json* slow = data::find(config, "slow_ms")) {
        settings.slow = milliseconds(slow->get<std::int64_t>());
    }
    if (const Json* answer = data::find(config, "answer")) {
        ASSIGN_OR_RETURN(settings.answer, read_answer(*answer));
    }
    // The state is the API's: a publish does not close it.
    auto state = context.upstreams.state(
        std::string(kName) + " " + std::string(context.service_id) + " " +
        std::string(context.api_id) + " " + std::string(context.environment));
    return std::make_unique<const CircuitBreaker>(std::move(settings), std::move(state));
}

}  // namespace

gateway::PolicyKind circuit_breaker() {
    return {.name = kName,
            .phase = Phase::Backend,
            .schema = embedded::circuit_breaker_schema_json,
            .build = build};
}

}  // namespace lintel::policies
