// Passes the request on to an HTTP service: bodies stream in both directions, the answer comes back
// unchanged.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/ascii.h"
#include "base/ip_address.h"
#include "embedded/http_schema_json.h"
#include "gateway/backend_tls.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "gateway/worker.h"
#include "http/client.h"

namespace lintel::backends {

gateway::BackendKind http();

namespace {

using data::Json;
using gateway::Exchange;
using gateway::Verdict;
namespace wire = lintel::http;

constexpr std::chrono::milliseconds kConnectTimeout{3000};

struct Settings {
    wire::Origin origin;
    std::string host_header;  ///< empty = that of the origin
    std::chrono::milliseconds timeout{15'000};
    std::chrono::milliseconds idle{300'000};  ///< of answers without an end
    bool websocket = false;
};

/// Fields the backend writes about the client, each exactly once. Whatever the client sent under
/// these names was taken out by the mapping; only the hops of X-Forwarded-For are kept.
class ForwardingFields {
public:
    explicit ForwardingFields(Exchange& exchange) {
        const wire::Peer& peer = *exchange.inbound.peer;
        add("X-Forwarded-For", hops_and(exchange, peer.address_text));
        const bool direct = exchange.client_address == peer.address;
        add("X-Real-IP", direct ? std::string_view(peer.address_text)
                                : exchange.arena().copy(exchange.client_address.to_string()));
        add("X-Forwarded-Proto", peer.secure ? "https" : "http");
        if (!exchange.inbound.head.host.empty()) {
            add("X-Forwarded-Host", exchange.inbound.head.host);
        }
        add("X-Request-Id", exchange.request_id);
    }
    void add(std::string_view name, std::string_view value) { fields_[count_++] = {name, value}; }
    std::span<const wire::Field> all() const { return {fields_.data(), count_}; }

private:
    static std::string_view hops_and(Exchange& exchange, std::string_view peer) {
        std::string_view hops;
        for (const wire::Field& field : exchange.request_fields()) {
            if (field.id == wire::HeaderId::XForwardedFor && !field.value.empty()) {
                hops = exchange.arena().concat({hops, field.value, ", "});
            }
        }
        return hops.empty() ? peer : exchange.arena().concat({hops, peer});
    }

    std::array<wire::Field, 6> fields_;
    std::size_t count_ = 0;
};

/// One origin and how to ask it. Immutable; shared by all workers, whose pools hold the
/// connections.
class Http final : public gateway::Backend {
public:
    explicit Http(Settings settings) : settings_(std::move(settings)) {}

    Task<Verdict> call(Exchange& exchange) const override {
        gateway::BackendRequest& asked = exchange.backend_request;
        ForwardingFields forwarding(exchange);
        wire::OutgoingRequest request{.method = asked.method,
                                      .path = asked.path,
                                      .query = asked.query,
                                      .host = settings_.host_header,
                                      .fields = &asked.fields};
        if (asked.body) {
            request.body = *asked.body;
            request.framing = wire::Framing::of_length(asked.body->size());
            if (!asked.body_type.empty()) {
                asked.fields.remove_if([](const wire::Field& field) {
                    return field.id == wire::HeaderId::ContentType;
                });
                forwarding.add("Content-Type", asked.body_type);
            }
        } else if (wire::BodyReader* body = exchange.body(); body != nullptr) {
            request.stream = body;
            request.framing = exchange.inbound.head.framing;
        }
        request.extra_fields = forwarding.all();
        request.accepts_trailers = exchange.inbound.head.accepts_trailers;
        request.websocket = settings_.websocket && exchange.inbound.head.websocket;
        auto answer = co_await exchange.worker.clients().call(
            settings_.origin, request,
            {.connect = std::min(kConnectTimeout, settings_.timeout),
             .answer = settings_.timeout,
             .body_idle = settings_.timeout,
             .stream_idle = settings_.idle});
        if (!answer) { co_return refuse(exchange, answer.error()); }
        take(exchange, *std::move(answer));
        co_return Verdict::proceed();
    }

private:
    Verdict refuse(Exchange& exchange, const Error& error) const {
        return exchange.refuse({.code = error.code,
                                .detail = error.message,
                                .reason = error.cause,
                                .rule = settings_.origin.key});
    }

    static void take(Exchange& exchange, std::unique_ptr<wire::ClientAnswer> answer) {
        gateway::Response& response = exchange.response;
        exchange.backend_status = answer->head.status;
        exchange.backend_address = exchange.arena().copy(answer->address_text);
        response.status = answer->head.status;
        response.fields = answer->head.fields;
        response.framing = answer->head.framing;
        response.upgraded = answer->upgraded();
        // Held even when no body follows: the fields are views into its memory.
        response.stream = std::move(answer);
    }

    Settings settings_;
};

// ---- build --------------------------------------------------------------------------------------

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

std::unexpected<Error> fault(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the backend's address is not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

struct Address {
    bool secure = false;
    std::string host = {};  ///< without brackets
    std::uint16_t port = 0;
};

/// "host", "host:8080", "[::1]:8080"
Status parse_authority(std::string_view text, Address& address) {
    std::string_view host = text;
    std::string_view port;
    const bool bracketed = text.starts_with('[');
    const std::size_t host_end = bracketed ? text.find(']') : std::string_view::npos;
    const std::size_t colon = text.find(':', host_end == std::string_view::npos ? 0 : host_end);
    const bool has_port = colon != std::string_view::npos && (!bracketed || host_end != text.npos);
    if (has_port) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (bracketed) {
        if (host.size() < 4 || !host.ends_with(']')) {
            return fault("/url", "url.host", "has a broken IPv6 address");
        }
        host = host.substr(1, host.size() - 2);
    }
    const bool good = bracketed ? IpAddress::parse(host).has_value() : is_host(host);
    if (!good) { return fault("/url", "url.host", "is not a host name or address"); }
    address.host = host;
    address.port = address.secure ? 443 : 80;
    if (!has_port) { return {}; }
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0) {
        return fault("/url", "url.port", "the port must be a number from 1 to 65535");
    }
    return {};
}

Result<Address> parse_url(std::string_view url) {
    Address address{.secure = url.starts_with("https://")};
    if (!address.secure && !url.starts_with("http://")) {
        return fault("/url", "url.scheme", "must begin with http:// or https://");
    }
    std::string_view rest = url.substr(url.find("//") + 2);
    if (rest.ends_with('/')) { rest.remove_suffix(1); }
    if (rest.find_first_of("/?#") != std::string_view::npos) {
        return fault("/url", "url.path", "must end with host and port; put the path into 'path'");
    }
    if (rest.find('@') != std::string_view::npos) {
        return fault("/url", "url.user", "must not hold a user or password");
    }
    RETURN_IF_ERROR(parse_authority(rest, address));
    return address;
}

/// Puts the faults of a part behind its pointer.
std::unexpected<Error> inside(std::string_view pointer, Error error) {
    for (Fault& fault : error.faults) {
        fault.pointer.insert(0, pointer);
    }
    return fail(std::move(error));
}

Result<wire::Origin> origin_of(const Json& config, const gateway::Certificates& certificates) {
    ASSIGN_OR_RETURN(Address address, parse_url(data::find_string(config, "url")));
    const Json* asked = data::find(config, "tls");
    const wire::Version version = data::find_string(config, "http_version") == "2"
                                      ? wire::Version::Http2
                                      : wire::Version::Http11;
    if (!address.secure) {
        if (asked != nullptr) {
            return fault("/tls", "tls.unused", "needs an address that begins with https://");
        }
        return wire::Origin(std::move(address.host), address.port, std::nullopt, version);
    }
    auto tls = gateway::backend_tls(asked == nullptr ? Json::object() : *asked, address.host,
                                    certificates);
    if (!tls) { return inside("/tls", std::move(tls).error()); }
    return wire::Origin(std::move(address.host), address.port, *std::move(tls), version);
}

Result<std::unique_ptr<const gateway::Backend>> build(const Json& config,
                                                      const gateway::BuildContext& context) {
    ASSIGN_OR_RETURN(wire::Origin origin, origin_of(config, context.certificates));
    Settings settings{.origin = std::move(origin),
                      .host_header = std::string(data::find_string(config, "host_header"))};
    if (const Json* timeout = data::find(config, "timeout_ms"); timeout != nullptr) {
        settings.timeout = std::chrono::milliseconds(timeout->get<std::int64_t>());
    }
    if (const Json* idle = data::find(config, "idle_timeout_ms"); idle != nullptr) {
        settings.idle = std::chrono::milliseconds(idle->get<std::int64_t>());
    }
    if (const Json* websocket = data::find(config, "websocket"); websocket != nullptr) {
        settings.websocket = websocket->get<bool>();
    }
    if (settings.websocket && settings.origin.version == wire::Version::Http2) {
        return fault("/websocket", "websocket.version",
                     "WebSocket goes over HTTP/1.1: leave http_version out");
    }
    return std::make_unique<const Http>(std::move(settings));
}

}  // namespace

gateway::BackendKind http() {
    return {.name = "http", .schema = embedded::http_schema_json, .build = build};
}

}  // namespace lintel::backends
