#include "gateway/phases/policies.h"

#include "gateway/phases/phases.h"

namespace lintel::gateway {

const RoutePolicies* policies_of(const Exchange& exchange) {
    if (exchange.route != nullptr) { return exchange.route->policies; }
    return exchange.reserved != nullptr ? &exchange.service->common_policies : nullptr;
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
