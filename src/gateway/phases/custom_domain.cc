#include "gateway/phases/custom_domain.h"

#include <fmt/core.h>

#include <algorithm>

#include "gateway/snapshot.h"

namespace lintel::gateway {
namespace {

using http::HeaderId;

/// RFC 9110 section 15.4.9: the method and the body stay as they are.
Verdict redirect(Exchange& exchange, const Domain& domain) {
    Arena& arena = exchange.arena();
    return exchange.refuse(Refusal{
        .code = Code::RouteRedirected,
        .location = arena.concat(
            {"https://", exchange.host, domain.https_port, exchange.inbound.head.target}),
    });
}

/// What was agreed when the connection was made must be what the domain wants now.
Verdict check_connection(Exchange& exchange, const Domain& domain) {
    const http::Peer& peer = *exchange.inbound.peer;
    if (!peer.secure) {
        if (!domain.needs_https) { return Verdict::proceed(); }
        if (domain.redirect_to_https && !exchange.secure) { return redirect(exchange, domain); }
        return exchange.refuse(Refusal{
            .code = Code::RouteProtocolRequired,
            .reason = "the domain wants client certificates, which only https to the gateway "
                      "itself can carry",
            .expected = "https",
            .got = "http",
        });
    }
    if (!domain.needs_own_handshake || peer.tls_rules == domain.tls_rules) {
        return Verdict::proceed();
    }
    return exchange.refuse(
        Refusal{.code = Code::RouteMisdirected,
                .reason = "the handshake was made for another name, or before the domain's rules "
                          "changed",
                .rule = domain.name});
}

/// The environment the caller asks for; the mapped one when he asks for none.
Verdict choose_stage(Exchange& exchange, std::string_view& environment) {
    const http::Field* stage = nullptr;
    for (const http::Field& field : exchange.request_fields()) {
        if (field.id != HeaderId::XStage) { continue; }
        if (stage != nullptr) {
            return exchange.refuse(Code::RequestHeaderForbidden, "X-Stage was sent more than once");
        }
        stage = &field;
    }
    if (stage == nullptr) { return Verdict::proceed(); }
    // The stage is one of the domain's own gateway: "test" at a mapping to "release.shop" means
    // "test.shop", and nothing that is sent can name another gateway.
    const std::size_t dot = std::min(environment.find('.'), environment.size());
    const std::string_view gateway = environment.substr(dot);
    if (stage->value.contains('.')) {
        return exchange.refuse(
            Refusal{.code = Code::RouteStageUnknown, .expected = environment, .got = stage->value});
    }
    environment = gateway.empty() ? stage->value : exchange.arena().concat({stage->value, gateway});
    return Verdict::proceed();
}

Verdict refuse_environment(Exchange& exchange, const DomainMapping& mapping,
                           std::string_view environment) {
    if (environment == mapping.environment) {
        return exchange.refuse(Code::RouteNotFound, {},
                               "the service the domain maps to is not running there");
    }
    return exchange.refuse(Refusal{.code = Code::RouteStageUnknown,
                                   .rule = mapping.service,
                                   .expected = mapping.environment,
                                   .got = environment});
}

}  // namespace

Verdict enter_domain(Exchange& exchange, const Domain& domain, ServiceAddress& address) {
    if (const Verdict verdict = check_connection(exchange, domain); !verdict.proceeds()) {
        return verdict;
    }
    const DomainMapping* const mapping = domain.mapping_of(exchange.path);
    if (mapping == nullptr) {
        return exchange.refuse(Code::RouteNotFound, {}, "the domain maps no service to this path");
    }
    std::string_view environment = mapping->environment;
    if (const Verdict verdict = choose_stage(exchange, environment); !verdict.proceeds()) {
        return verdict;
    }
    address = exchange.snapshot.routes().at(environment, mapping->service);
    if (address.service == nullptr) { return refuse_environment(exchange, *mapping, environment); }
    const std::string_view below =
        mapping->prefix == "/" ? exchange.path : exchange.path.substr(mapping->prefix.size());
    address.api_path = below.empty() ? "/" : below;
    // Behind a trusted proxy that took TLS off, the caller has come by https already.
    if (!exchange.secure && domain.redirect_to_https && address.service->scheme != Scheme::Http) {
        return redirect(exchange, domain);
    }
    return Verdict::proceed();
}

}  // namespace lintel::gateway
