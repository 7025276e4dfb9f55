#include "gateway/canonical_path.h"
#include "gateway/phases/phases.h"

namespace lintel::gateway {
namespace {

/// CONNECT names no path, so there is none to check; match refuses it.
bool has_path(const Exchange& exchange) {
    return exchange.inbound.head.method != "CONNECT";
}

}  // namespace

Verdict parse(Exchange& exchange) {
    const http::RequestHead& head = exchange.inbound.head;
    if (const Error* refused = exchange.inbound.refused) {
        return exchange.refuse(refused->code, refused->message, refused->cause);
    }
    const auto host = canonical_host(head.host, exchange.arena());
    if (!host) { return exchange.refuse(Code::RequestHeaderForbidden, host.error()); }
    exchange.host = *host;
    if (!has_path(exchange)) { return Verdict::proceed(); }

    const auto path = canonical_path(exchange.raw_path, exchange.arena());
    if (!path) { return exchange.refuse(Code::RequestPathForbidden, path.error()); }
    exchange.path = path->path;
    exchange.encoded_slash = path->encoded_slash;
    return Verdict::proceed();
}

}  // namespace lintel::gateway
