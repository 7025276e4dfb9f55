#include "gateway/phases/policies.h"

#include "gateway/phases/phases.h"

namespace lintel::gateway {

Verdict run_policies(Exchange& exchange, const std::vector<const Policy*>& policies) {
    if (policies.empty()) { return Verdict::nothing_to_do(); }
    for (const Policy* policy : policies) {
        const Verdict verdict = policy->on_request(exchange);
        if (!verdict.proceeds()) { return verdict; }
    }
    return Verdict::proceed();
}

Verdict access(Exchange& exchange) {
    return run_policies(exchange, exchange.policies->access);
}

Verdict limit(Exchange& exchange) {
    return run_policies(exchange, exchange.policies->limit);
}

}  // namespace lintel::gateway
