#include "gateway/contract.h"
#include "gateway/mapping.h"
#include "gateway/phases/phases.h"
#include "gateway/phases/policies.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

/// The caller's own id goes to the backend as well. Ours is written by the backend itself.
Verdict add_correlation_id(Exchange& exchange, Verdict verdict) {
    http::Fields& fields = exchange.backend_request.fields;
    if (verdict.proceeds() && !exchange.correlation_id.empty() &&
        fields.find(http::HeaderId::XCorrelationId) == nullptr) {
        fields.add({.name = "X-Correlation-Id",
                    .value = exchange.correlation_id,
                    .id = http::HeaderId::XCorrelationId});
    }
    return verdict;
}

Task<Verdict> transform_with_body(Exchange& exchange, const Mapping& mapping) {
    co_return add_correlation_id(exchange, co_await mapping.apply(exchange));
}

}  // namespace

Step validate(Exchange& exchange) {
    const Contract& contract = exchange.route->contract;
    if (contract.reads_body(exchange)) { return contract.check(exchange); }
    return contract.check_head(exchange);
}

Step transform(Exchange& exchange) {
    const Mapping& mapping = exchange.route->mapping;
    if (mapping.reads_body(exchange)) { return transform_with_body(exchange, mapping); }
    return add_correlation_id(exchange, mapping.apply_head(exchange));
}

Step call_backend(Exchange& exchange) {
    const Verdict allowed = run_policies(exchange, exchange.policies->backend);
    if (!allowed.proceeds()) { return allowed; }
    return exchange.route->backend->call(exchange);
}

}  // namespace lintel::gateway
