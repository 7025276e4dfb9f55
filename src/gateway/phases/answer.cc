#include "base/text.h"
#include "gateway/phases/phases.h"
#include "gateway/phases/policies.h"
#include "gateway/refusal.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

using http::HeaderId;

void show_policies(Exchange& exchange, const std::vector<const Policy*>& policies) {
    for (const Policy* policy : policies) {
        policy->on_response(exchange);
    }
}

/// After the policies that judge what the backend answered, before those that pack the answer.
void convert_error(Exchange& exchange) {
    if (exchange.refusal != nullptr || exchange.conversion == nullptr) { return; }
    exchange.conversion->apply(exchange);
}

constexpr http::HeaderSet kLimits = {HeaderId::XRateLimitLimit, HeaderId::XRateLimitRemaining,
                                     HeaderId::XRateLimitReset};

/// Fields of the gateway's own, instead of what the backend may have sent under the same names.
void add_own_fields(Exchange& exchange) {
    http::Fields& fields = exchange.response.fields;
    http::HeaderSet own = {HeaderId::XRequestId};
    if (!exchange.correlation_id.empty()) { own.add(HeaderId::XCorrelationId); }
    if (exchange.limit >= 0) { own = own | kLimits; }
    fields.remove_if([&](const http::Field& sent) { return own.contains(sent.id); });

    fields.add({"X-Request-Id", exchange.request_id, HeaderId::XRequestId});
    if (!exchange.correlation_id.empty()) {
        fields.add({"X-Correlation-Id", exchange.correlation_id, HeaderId::XCorrelationId});
    }
    if (exchange.limit >= 0) {
        Arena& arena = exchange.arena();
        fields.add(
            {"X-RateLimit-Limit", digits_of(exchange.limit, arena), HeaderId::XRateLimitLimit});
        fields.add({"X-RateLimit-Remaining", digits_of(exchange.limit_remaining, arena),
                    HeaderId::XRateLimitRemaining});
        fields.add({"X-RateLimit-Reset", digits_of(exchange.limit_reset_s, arena),
                    HeaderId::XRateLimitReset});
    }
}

}  // namespace

void transform_response(Exchange& exchange) {
    if (exchange.refusal != nullptr) { render_refusal(exchange); }
    if (const RoutePolicies* policies = exchange.policies) {
        show_policies(exchange, policies->access);
        show_policies(exchange, policies->authorize);
        show_policies(exchange, policies->limit);
        show_policies(exchange, policies->backend);
        convert_error(exchange);
        show_policies(exchange, policies->response);
    }
    add_own_fields(exchange);
}

Task<void> send(Exchange& exchange) {
    Response& response = exchange.response;
    const http::OutgoingResponse outgoing{
        .status = response.status,
        .fields = response.fields,
        .body = response.body,
        .stream = response.stream.get(),
        .framing = response.framing,
        .close = response.close,
        .upgraded = response.upgraded ? &*response.upgraded : nullptr,
    };
    const Status sent = co_await exchange.inbound.send(outgoing);
    if (!sent) { exchange.send_failure = sent.error().code; }
}

}  // namespace lintel::gateway
