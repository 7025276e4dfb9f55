#include <fmt/format.h>

#include "gateway/phases/phases.h"
#include "gateway/phases/policies.h"
#include "gateway/refusal.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

void show_policies(Exchange& exchange, const std::vector<const Policy*>& policies) {
    for (const Policy* policy : policies) {
        policy->on_response(exchange);
    }
}

/// After the policies that judge what the backend answered, before those that pack the answer.
void convert_error(Exchange& exchange) {
    if (exchange.refusal != nullptr || exchange.route == nullptr) { return; }
    if (exchange.route->conversion != nullptr) { exchange.route->conversion->apply(exchange); }
}

/// Replaces what the backend may have sent under the same name.
void set_field(http::Fields& fields, http::Field field) {
    fields.remove_if([&](const http::Field& old) {
        return old.id == field.id &&
               (field.id != http::HeaderId::Other || equals_ignoring_case(old.name, field.name));
    });
    fields.add(field);
}

void set_number(Exchange& exchange, std::string_view name, std::int64_t number) {
    const std::string_view text = exchange.arena().copy(fmt::format_int(number).str());
    set_field(exchange.response.fields, {.name = name, .value = text});
}

}  // namespace

void transform_response(Exchange& exchange) {
    if (exchange.refusal != nullptr) { render_refusal(exchange); }
    if (const RoutePolicies* policies = policies_of(exchange)) {
        show_policies(exchange, policies->access);
        show_policies(exchange, policies->authorize);
        show_policies(exchange, policies->limit);
        show_policies(exchange, policies->backend);
        convert_error(exchange);
        show_policies(exchange, policies->response);
    }
    http::Fields& fields = exchange.response.fields;
    set_field(
        fields,
        {.name = "X-Request-Id", .value = exchange.request_id, .id = http::HeaderId::XRequestId});
    if (!exchange.correlation_id.empty()) {
        set_field(fields, {.name = "X-Correlation-Id",
                           .value = exchange.correlation_id,
                           .id = http::HeaderId::XCorrelationId});
    }
    if (exchange.limit >= 0) {
        set_number(exchange, "X-RateLimit-Limit", exchange.limit);
        set_number(exchange, "X-RateLimit-Remaining", exchange.limit_remaining);
        set_number(exchange, "X-RateLimit-Reset", exchange.limit_reset_s);
    }
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
