#include "gateway/phases/phases.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

constexpr std::size_t kMaxCorrelationId = 128;
/// Work is short: what does not fit now fits soon.
constexpr std::uint32_t kOverloadedRetryS = 1;

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

/// As sent; what of it is acceptable is found in parse.
void note_target(Exchange& exchange, std::string_view target) {
    const auto question = target.find('?');
    exchange.raw_path = target.substr(0, question);
    if (question != std::string_view::npos) { exchange.raw_query = target.substr(question + 1); }
}

void note_client(Exchange& exchange) {
    const ClientView client = client_view(exchange.inbound.head, *exchange.inbound.peer,
                                          exchange.worker.trusted_proxies());
    exchange.client_address = client.address;
    exchange.secure = client.secure;
    exchange.called_host = client.host;
    exchange.by_trusted_proxy = client.by_proxy;
}

}  // namespace

Verdict accept(Exchange& exchange) {
    name_request(exchange);
    note_target(exchange, exchange.inbound.head.target);
    note_client(exchange);
    const std::string_view shortage = exchange.worker.shortage();
    if (shortage.empty()) { return Verdict::proceed(); }
    return exchange.refuse(
        {.code = Code::GatewayOverloaded, .reason = shortage, .retry_after_s = kOverloadedRetryS});
}

}  // namespace lintel::gateway
