#include "admin/handler.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"

namespace lintel::admin {

namespace {

using data::Json;

constexpr std::size_t kMaxRequestId = 64;

/// What every answer says to browsers: nothing here is a page, a script or to be kept.
constexpr std::pair<std::string_view, std::string_view> kSecurityFields[] = {
    {"Cache-Control", "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

bool is_safe_id(std::string_view text) {
    return !text.empty() && text.size() <= kMaxRequestId && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
    });
}

std::string value_of(const http::Fields& fields, std::string_view name) {
    const http::Field* field = fields.find(name);
    return field == nullptr ? std::string() : std::string(field->value);
}

std::string request_id_of(const http::ServerExchange& exchange) {
    std::string given = value_of(exchange.head.fields, "X-Request-Id");
    return is_safe_id(given) ? given : make_id("req");
}

/// The name without port and brackets; empty when it is neither a name nor an address.
std::string_view host_name(std::string_view host) {
    if (!host.starts_with('[')) { return host.substr(0, host.find(':')); }
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) { return {}; }
    const std::string_view rest = host.substr(end + 1);
    const std::string_view address = host.substr(1, end - 1);
    const bool is_address = (rest.empty() || rest.front() == ':') && IpAddress::parse(address);
    return is_address ? address : std::string_view{};
}

Reply json_reply(int status, const Json& body) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = data::dump(body)};
}

Reply health_reply(const Health::Report& report) {
    Json checks = Json::object();
    for (const auto& [name, good] : report.checks) {
        checks[name] = good;
    }
    return json_reply(report.ready ? 200 : 503, {{"status", report.ready ? "ready" : "not_ready"},
                                                 {"revision", report.revision},
                                                 {"checks", std::move(checks)}});
}

}  // namespace

bool is_host_allowed(std::string_view host, const std::vector<std::string>& names) {
    const std::string name = to_lower(host_name(host));
    if (name == "localhost" || IpAddress::parse(name)) { return true; }
    return std::ranges::any_of(
        names, [&](const std::string& known) { return equals_ignoring_case(known, name); });
}

Task<void> Handler::handle(http::ServerExchange& exchange) {
    const std::string request_id = request_id_of(exchange);
    const Reply reply = co_await answer(exchange, request_id);
    http::Fields fields;
    for (const auto& [name, value] : reply.headers) {
        fields.add(name, value);
    }
    for (const auto& [name, value] : kSecurityFields) {
        fields.add(name, value);
    }
    fields.add("X-Request-Id", request_id);
    const http::OutgoingResponse response{
        .status = reply.status,
        .fields = fields,
        .body = reply.body,
        .close = exchange.refused != nullptr || reply.status == 413,
    };
    const Status sent = co_await exchange.send(response);
    if (!sent) {
        log::debug("the client of the management API went away",
                   {{"request_id", request_id}, {"cause", sent.error().message}});
    }
}

Task<Reply> Handler::answer(http::ServerExchange& exchange, std::string request_id) {
    if (exchange.refused != nullptr) {
        co_return Dispatcher::problem(*exchange.refused, request_id);
    }
    const http::RequestHead& head = exchange.head;
    const std::string_view path = head.target.substr(0, head.target.find('?'));
    // Probes come by whatever name the cluster gives us, and tell nothing but that we are well.
    if (path == "/livez") { co_return json_reply(200, {{"status", "alive"}}); }
    if (path == "/readyz" || path == "/healthz") {
        const Result<Health::Report> report =
            co_await pool_.run(*exchange.loop, [&health = health_] { return health.report(); });
        co_return health_reply(report ? *report : Health::Report{});
    }
    if (!is_host_allowed(head.host, options_.hosts)) {
        const Error error{.code = Code::HostNotAllowed,
                          .message = fmt::format("'{}' is not a name of this node", head.host)};
        co_return Dispatcher::problem(error, request_id);
    }
    if (path == "/metrics") {
        const Result<std::string> text =
            co_await pool_.run(*exchange.loop, [&health = health_] { return health.metrics(); });
        if (!text) { co_return Dispatcher::problem(text.error(), request_id); }
        co_return Reply{.status = 200,
                        .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                        .body = *text};
    }
    RawRequest request{
        .method = std::string(head.method),
        .target = std::string(head.target),
        .content_type = value_of(head.fields, "Content-Type"),
        .authorization = value_of(head.fields, "Authorization"),
        .if_match = value_of(head.fields, "If-Match"),
        .idempotency_key = value_of(head.fields, "Idempotency-Key"),
        .body = {},
        .client = {.remote = exchange.peer->address.to_string(), .request_id = request_id}};
    Result<std::string> body = co_await read_body(exchange);
    if (!body) { co_return Dispatcher::problem(body.error(), request_id); }
    request.body = *std::move(body);
    // The job owns the request: the connection may go while it runs.
    Result<Reply> reply = co_await pool_.run(
        *exchange.loop, [&dispatcher = dispatcher_, request = std::move(request)] {
            return dispatcher.handle(request);
        });
    if (!reply) { co_return Dispatcher::problem(reply.error(), request_id); }
    co_return *std::move(reply);
}

Task<Result<std::string>> Handler::read_body(http::ServerExchange& exchange) {
    std::string body;
    if (exchange.body == nullptr) { co_return body; }
    while (true) {
        const Result<std::span<const char>> piece = co_await exchange.body->read();
        if (!piece) { co_return fail(piece.error()); }
        if (piece->empty()) { co_return body; }
        if (body.size() + piece->size() > options_.body_max_bytes) {
            co_return fail(Code::BodyTooLarge, fmt::format("The body may have {} bytes at most",
                                                           options_.body_max_bytes));
        }
        body.append(piece->data(), piece->size());
    }
}

}  // namespace lintel::admin
