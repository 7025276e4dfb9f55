#include "backends/http/judgement.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace lintel::backends {
namespace {

constexpr auto kFailuresOfServer = std::to_array<Code>({
    Code::BackendResolve,
    Code::BackendRefusedAddress,
    Code::BackendConnect,
    Code::BackendReset,
    Code::BackendBadAnswer,
    Code::BackendTimeout,
});

}  // namespace

bool is_failure_of_server(const Error& error) {
    return std::ranges::find(kFailuresOfServer, error.code) != kFailuresOfServer.end();
}

std::optional<bool> failed_for_breaker(const CallResult& result,
                                       const gateway::BreakerSettings& settings) {
    if (result) { return settings.statuses.contains((*result)->head.status); }
    if (is_failure_of_server(result.error())) { return true; }
    return std::nullopt;
}

std::string failure_of_server(const CallResult& result, const gateway::StatusSet& statuses) {
    if (result) {
        const int status = (*result)->head.status;
        return statuses.contains(status) ? fmt::format("answered {}", status) : std::string();
    }
    return is_failure_of_server(result.error()) ? result.error().message : std::string();
}

bool may_be_repeated(const CallResult& result, const Outgoing& outgoing, const RetryRules& rules) {
    if (!result) { return result.error().retryable; }
    return rules.statuses.contains((*result)->head.status) && !outgoing.is_stream();
}

void take_answer(gateway::Exchange& exchange, std::unique_ptr<http::ClientAnswer> answer) {
    gateway::Response& response = exchange.response;
    exchange.backend_status = answer->head.status;
    exchange.backend_address = exchange.arena().copy(answer->address_text);
    response.status = answer->head.status;
    response.fields = answer->head.fields;
    response.framing = answer->head.framing;
    response.upgraded = answer->upgraded();
    // Held even when no body follows: the fields are views into its memory.
    response.stream = std::move(answer);
}

gateway::Verdict refuse_open(gateway::Exchange& exchange,
                             const gateway::Breaker::Admission& admission, std::string_view rule) {
    constexpr std::uint64_t kMs = 1000;
    const auto seconds = static_cast<std::uint32_t>((admission.retry_after_ms + kMs - 1) / kMs);
    return exchange.refuse({.code = Code::BackendBreakerOpen,
                            .reason = "the circuit breaker is open",
                            .rule = rule,
                            .retry_after_s = std::max(1U, seconds)});
}

}  // namespace lintel::backends
