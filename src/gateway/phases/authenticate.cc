#include "gateway/phases/phases.h"
#include "gateway/phases/policies.h"

namespace lintel::gateway {
namespace {

Verdict check_grant(Exchange& exchange) {
    const Route& route = *exchange.route;
    if (route.authenticator == nullptr) { return Verdict::nothing_to_do(); }
    const Credential* credential = exchange.principal.credential;
    // Nobody gets by because an authenticator forgot to say who called.
    if (credential == nullptr) {
        return exchange.refuse(Code::AuthInvalid, {}, "the authenticator named no credential");
    }
    const CompiledService& service = *route.service;
    switch (credential->right_to(service.id, route.names.api_id, service.environment,
                                 exchange.received_at)) {
        case Right::Granted: return Verdict::proceed();
        case Right::Expired:
            return exchange.refuse(Code::AuthorizeGrantExpired, {},
                                   "the grant for this api in this environment is over");
        case Right::None: break;
    }
    return exchange.refuse(Code::AuthorizeNoGrant, {},
                           "the credential has no grant for this api in this environment");
}

}  // namespace

Step authenticate(Exchange& exchange) {
    const Authenticator* authenticator = exchange.route->authenticator.get();
    if (authenticator == nullptr) { return Verdict::nothing_to_do(); }
    return authenticator->authenticate(exchange);
}

Verdict authorize(Exchange& exchange) {
    const Verdict granted = check_grant(exchange);
    const auto& policies = exchange.policies->authorize;
    if (!granted.proceeds() || policies.empty()) { return granted; }
    return run_policies(exchange, policies);
}

}  // namespace lintel::gateway
