#include "backends/http/outgoing.h"

namespace lintel::backends {
namespace {

/// The hops a trusted proxy knows of, and that proxy itself; nobody else is believed.
std::string_view hops_and(gateway::Exchange& exchange, std::string_view peer) {
    if (!exchange.by_trusted_proxy) { return peer; }
    std::string_view hops;
    for (const http::Field& field : exchange.request_fields()) {
        if (field.id == http::HeaderId::XForwardedFor && !field.value.empty()) {
            hops = exchange.arena().concat({hops, field.value, ", "});
        }
    }
    // The proxy may have told the client's address in Forwarded only.
    if (hops.empty() && exchange.client_address != exchange.inbound.peer->address) {
        hops = exchange.arena().concat({exchange.client_address.to_string(), ", "});
    }
    return hops.empty() ? peer : exchange.arena().concat({hops, peer});
}

}  // namespace

Outgoing::Outgoing(gateway::Exchange& exchange, std::string_view host, bool websocket)
    : request_{.method = exchange.backend_request.method,
               .path = exchange.backend_request.path,
               .query = exchange.backend_request.query,
               .host = host,
               .fields = &exchange.backend_request.fields,
               .accepts_trailers = exchange.inbound.head.accepts_trailers,
               .websocket = websocket && exchange.inbound.head.websocket} {
    say_who_called(exchange);
    take_body(exchange);
    request_.extra_fields = {fields_.data(), count_};
}

void Outgoing::say_who_called(gateway::Exchange& exchange) {
    const http::Peer& peer = *exchange.inbound.peer;
    add("X-Forwarded-For", hops_and(exchange, peer.address_text));
    const bool direct = exchange.client_address == peer.address;
    add("X-Real-IP", direct ? std::string_view(peer.address_text)
                            : exchange.arena().copy(exchange.client_address.to_string()));
    add("X-Forwarded-Proto", exchange.secure ? "https" : "http");
    if (!exchange.called_host.empty()) { add("X-Forwarded-Host", exchange.called_host); }
    add("X-Request-Id", exchange.request_id);
}

void Outgoing::take_body(gateway::Exchange& exchange) {
    gateway::BackendRequest& asked = exchange.backend_request;
    if (asked.body) {
        request_.body = *asked.body;
        request_.framing = http::Framing::of_length(asked.body->size());
        if (asked.body_type.empty()) { return; }
        asked.fields.remove_if(
            [](const http::Field& field) { return field.id == http::HeaderId::ContentType; });
        add("Content-Type", asked.body_type);
        return;
    }
    http::BodyReader* body = exchange.body();
    if (body == nullptr) { return; }
    request_.framing = exchange.inbound.head.framing;
    // Taken here and not by the client, so that a second try has it too.
    if (const auto whole = body->take_whole()) {
        request_.body = {whole->data(), whole->size()};
    } else {
        request_.stream = body;
    }
}

}  // namespace lintel::backends
