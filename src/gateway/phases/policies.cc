#include "gateway/phases/policies.h"

#include <utility>

#include "gateway/phases/phases.h"

namespace lintel::gateway {

void RoutePolicies::add(Phase phase, const Policy& policy) {
    switch (phase) {
        case Phase::Access: return access.push_back(&policy);
        case Phase::Authorize: return authorize.push_back(&policy);
        case Phase::Limit: return limit.push_back(&policy);
        case Phase::Backend: return backend.push_back(&policy);
        case Phase::TransformResponse: return response.push_back(&policy);
        default: std::unreachable();
    }
}

const RoutePolicies* policies_of(const Exchange& exchange) {
    if (exchange.route != nullptr) { return &exchange.route->policies; }
    return exchange.reserved != nullptr ? &exchange.service->reserved_policies : nullptr;
}

Verdict run_policies(Exchange& exchange, const std::vector<const Policy*>& policies) {
    if (policies.empty()) { return Verdict::nothing_to_do(); }
    for (const Policy* policy : policies) {
        const Verdict verdict = policy->on_request(exchange);
        if (!verdict.proceeds()) { return verdict; }
    }
    return Verdict::proceed();
}

Verdict access(Exchange& exchange) {
    return run_policies(exchange, policies_of(exchange)->access);
}

Verdict limit(Exchange& exchange) {
    return run_policies(exchange, policies_of(exchange)->limit);
}

}  // namespace lintel::gateway
