#include <fmt/core.h>

#include "base/prefetch.h"
#include "gateway/phases/custom_domain.h"
#include "gateway/phases/phases.h"
#include "gateway/reserved_endpoint.h"
#include "gateway/snapshot.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

constexpr std::string_view kReservedPrefix = "/-/";
constexpr std::uint32_t kStartingRetryS = 1;
constexpr std::size_t kBackendBytes = 192;  // about what those that call others have

Verdict refuse_method(Exchange& exchange, const ServiceAddress& address) {
    const std::string_view allow =
        address.index == nullptr
            ? std::string_view()
            : address.index->allowed_methods(address.api_path, exchange.arena());
    return exchange.refuse(Refusal{
        .code = Code::RouteMethodNotAllowed,
        .expected = allow,
        .got = exchange.inbound.head.method,
        .allow = allow,
    });
}

/// The one near miss worth naming: "/pets/" for "/pets".
bool only_the_slash_differs(const Exchange& exchange, const ServiceAddress& address) {
    PathParameters unused;
    std::string other(address.api_path);
    if (other.size() > 1 && other.ends_with('/')) {
        other.pop_back();
    } else {
        other.push_back('/');
    }
    return address.index->find(other, exchange.inbound.head.method, unused).path_known;
}

Verdict refuse_path(Exchange& exchange, const ServiceAddress& address) {
    const bool slash = only_the_slash_differs(exchange, address);
    return exchange.refuse(Refusal{
        .code = Code::RouteNotFound,
        .reason = slash ? "only the slash at the end of the path differs from an API's"
                        : "no API of the service has this path",
        .got = address.api_path,
    });
}

/// A domain of one's own says itself where its paths lead; any other host has the usual addresses.
Verdict find_service(Exchange& exchange, ServiceAddress& address) {
    if (const Domain* domain = exchange.snapshot.domains().find(exchange.host)) {
        return enter_domain(exchange, *domain, address);
    }
    address = exchange.snapshot.routes().resolve(exchange.host, exchange.path);
    if (address.service != nullptr) { return Verdict::proceed(); }
    return exchange.refuse(Code::RouteNotFound, {}, "no service is published at this address");
}

/// The service's own rules for an address, before its APIs are looked at.
Verdict check_service(Exchange& exchange) {
    const CompiledService& service = *exchange.service;
    if (exchange.encoded_slash && !service.allow_encoded_slashes) {
        return exchange.refuse(Code::RequestPathForbidden,
                               "the path contains an encoded slash (%2F)");
    }
    const bool secure = exchange.secure;
    if ((service.scheme == Scheme::Https && !secure) ||
        (service.scheme == Scheme::Http && secure)) {
        return exchange.refuse(Refusal{
            .code = Code::RouteProtocolRequired,
            .expected = secure ? "http" : "https",
            .got = secure ? "https" : "http",
        });
    }
    return Verdict::proceed();
}

/// What later phases read of the route. Among very many routes none of it is in a cache.
void prefetch_parts(const Exchange& exchange) {
    const Route& route = *exchange.route;
    route.contract.prefetch();
    route.mapping.prefetch();
    prefetch(route.authenticator.get());
    prefetch(route.backend.get(), kBackendBytes);
}

}  // namespace

Verdict match(Exchange& exchange) {
    if (exchange.snapshot.is_initial()) {
        return exchange.refuse(
            Refusal{.code = Code::GatewayStarting, .retry_after_s = kStartingRetryS});
    }
    const std::string_view method = exchange.inbound.head.method;
    if (method == "CONNECT") { return refuse_method(exchange, {}); }

    ServiceAddress address;
    if (const Verdict verdict = find_service(exchange, address); !verdict.proceeds()) {
        return verdict;
    }
    exchange.service = address.service;
    exchange.api_path = address.api_path;
    if (const Verdict verdict = check_service(exchange); !verdict.proceeds()) { return verdict; }
    if (method == "TRACE") { return refuse_method(exchange, address); }

    if (address.api_path.starts_with(kReservedPrefix)) {
        exchange.reserved = exchange.worker.reserved(address.api_path);
        if (exchange.reserved == nullptr) { return refuse_path(exchange, address); }
        exchange.policies = &address.service->common_policies;
        return Verdict::proceed();
    }
    const PathMatch found = address.index->find(address.api_path, method, exchange.path_parameters);
    if (found.route != nullptr) {
        exchange.route = found.route;
        prefetch_parts(exchange);
        exchange.policies = found.route->policies;
        exchange.conversion = found.route->conversion.get();
        exchange.series = &exchange.worker.metrics().series(found.route->metrics_id);
        return Verdict::proceed();
    }
    return found.path_known ? refuse_method(exchange, address) : refuse_path(exchange, address);
}

}  // namespace lintel::gateway
