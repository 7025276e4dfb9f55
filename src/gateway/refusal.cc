#include "gateway/refusal.h"

#include <fmt/format.h>

#include <iterator>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "gateway/exchange.h"

namespace lintel::gateway {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view text) {
    if (text.empty()) { return; }
    fmt::format_to(std::back_inserter(out), R"(,"{}":)", key);
    log::append_json_string(out, text);
}

void append_faults(std::string& out, const std::vector<Fault>& faults) {
    out += R"(,"errors":[)";
    for (const Fault& fault : faults) {
        if (out.back() != '[') { out.push_back(','); }
        out += R"({"pointer":)";
        log::append_json_string(out, fault.pointer);
        append_member(out, "code", fault.code);
        append_member(out, "detail", fault.detail);
        out.push_back('}');
    }
    out.push_back(']');
}

/// For callers of services that explain: why, and what would have been right.
void append_explanation(std::string& out, const Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    append_member(out, "phase", name_of(exchange.trace.refused_at));
    append_member(out, "rule", refusal.rule);
    append_member(out, "reason", refusal.reason);
    append_member(out, "expected", refusal.expected);
    append_member(out, "got", refusal.got);
}

std::string problem(const Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    const CodeInfo& code = info(refusal.code);
    std::string out;
    out.reserve(512);
    fmt::format_to(std::back_inserter(out), R"({{"type":"urn:lintel:error:{}","title":)",
                   code.name);
    log::append_json_string(out, code.title);
    fmt::format_to(std::back_inserter(out), R"(,"status":{})", code.status);
    append_member(out, "detail", refusal.detail.empty() ? code.fix : refusal.detail);
    append_member(out, "code", code.name);
    append_member(out, "request_id", exchange.request_id);
    if (refusal.faults != nullptr && !refusal.faults->empty()) {
        append_faults(out, *refusal.faults);
    }
    const bool explains = exchange.service != nullptr && exchange.service->explain_refusals;
    if (explains) { append_explanation(out, exchange); }
    out.push_back('}');
    return out;
}

/// "application/grpc", "application/grpc+proto".
bool is_grpc(const Exchange& exchange) {
    constexpr std::string_view kType = "application/grpc";
    const http::Field* const type = exchange.request_fields().find(http::HeaderId::ContentType);
    return type != nullptr && equals_ignoring_case(type->value.substr(0, kType.size()), kType);
}

/// The mapping gRPC prescribes for answers that are not its own, and what says more than that.
int grpc_status(int http_status) {
    switch (http_status) {
        case 400: return 13;  // INTERNAL
        case 401: return 16;  // UNAUTHENTICATED
        case 403: return 7;   // PERMISSION_DENIED
        case 404: return 12;  // UNIMPLEMENTED
        case 413:
        case 429: return 8;  // RESOURCE_EXHAUSTED
        case 504: return 4;  // DEADLINE_EXCEEDED
        case 502:
        case 503: return 14;  // UNAVAILABLE
        default: return 2;    // UNKNOWN
    }
}

/// gRPC's percent-encoding of messages: visible ASCII but '%' stays.
std::string grpc_message(const Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    const CodeInfo& code = info(refusal.code);
    const std::string plain = fmt::format(
        "{}: {}", code.name, refusal.detail.empty() ? code.fix : std::string_view(refusal.detail));
    std::string out;
    for (const char c : plain) {
        if (c >= ' ' && c <= '~' && c != '%') {
            out.push_back(c);
        } else {
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

/// A gRPC caller looks at the trailers only; an answer without a body has them in its head.
void render_grpc(Exchange& exchange) {
    Response& response = exchange.response;
    const int status = info(exchange.refusal->code).status;
    response.status = 200;
    response.fields.add("Content-Type", "application/grpc");
    response.fields.add("grpc-status", digits_of(grpc_status(status), exchange.arena()));
    response.fields.add("grpc-message", exchange.arena().copy(grpc_message(exchange)));
    response.body = {};
}

void render_problem(Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    Response& response = exchange.response;
    response.status = info(refusal.code).status;
    response.fields.add("Content-Type", "application/problem+json");
    response.fields.add("Cache-Control", "no-store");
    if (!refusal.www_authenticate.empty()) {
        response.fields.add("WWW-Authenticate", refusal.www_authenticate);
    }
    if (refusal.code == Code::RouteMethodNotAllowed) {
        response.fields.add("Allow", refusal.allow);
    }
    if (!refusal.location.empty()) { response.fields.add("Location", refusal.location); }
    response.body = exchange.arena().copy(problem(exchange));
}

}  // namespace

void render_refusal(Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    Response& response = exchange.response;
    response.upgraded.reset();
    response.stream.reset();
    response.framing = {};
    response.fields.clear();
    // A new connection is what helps.
    if (refusal.code == Code::RouteMisdirected) { response.close = true; }
    if (refusal.retry_after_s > 0) {
        response.fields.add("Retry-After", digits_of(refusal.retry_after_s, exchange.arena()));
    }
    if (is_grpc(exchange)) {
        render_grpc(exchange);
    } else {
        render_problem(exchange);
    }
}

}  // namespace lintel::gateway
