#include "gateway/canonical_path.h"
#include "gateway/phases/phases.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

constexpr std::size_t kMaxCorrelationId = 128;

/// Ours is new for every request; what the caller sent as its own goes along beside it.
void name_request(Exchange& exchange) {
    Worker& worker = exchange.worker;
    exchange.received_at = worker.clock().now_ms();
    exchange.request_id = worker.request_ids().next(exchange.received_at, exchange.arena());
    const http::Fields& fields = exchange.request_fields();
    const http::Field* own = fields.find(http::HeaderId::XCorrelationId);
    if (own == nullptr) { own = fields.find(http::HeaderId::XRequestId); }
    if (own != nullptr && own->value.size() <= kMaxCorrelationId) {
        exchange.correlation_id = own->value;
    }
}

/// CONNECT names no path, so there is none to check; match refuses it.
bool has_path(const Exchange& exchange) {
    return exchange.inbound.head.method != "CONNECT";
}

}  // namespace

Verdict parse(Exchange& exchange) {
    const http::RequestHead& head = exchange.inbound.head;
    exchange.client_address = exchange.inbound.peer->address;
    name_request(exchange);
    const auto question = head.target.find('?');
    exchange.raw_path = head.target.substr(0, question);
    if (question != std::string_view::npos) {
        exchange.raw_query = head.target.substr(question + 1);
    }
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
