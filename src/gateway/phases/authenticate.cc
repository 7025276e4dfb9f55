#include "gateway/phases/phases.h"

namespace lintel::gateway {

Step authenticate(Exchange& exchange) {
    const Authenticator* authenticator = exchange.route->authenticator.get();
    if (authenticator == nullptr) { return Verdict::nothing_to_do(); }
    return authenticator->authenticate(exchange);
}

Verdict authorize(Exchange& exchange) {
    const Route& route = *exchange.route;
    if (route.authenticator == nullptr) { return Verdict::nothing_to_do(); }
    const Credential* credential = exchange.principal.credential;
    // Nobody gets by because an authenticator forgot to say who called.
    if (credential == nullptr) {
        return exchange.refuse(Code::AuthInvalid, {}, "the authenticator named no credential");
    }
    const CompiledService& service = *route.service;
    if (credential->may_call(service.id, route.api_id, service.environment)) {
        return Verdict::proceed();
    }
    return exchange.refuse(Code::AuthorizeNoGrant, {},
                           "the credential has no grant for this api in this environment");
}

}  // namespace lintel::gateway
