#include "gateway/refusal.h"

#include <fmt/format.h>

#include <iterator>
#include <string>

#include "base/log.h"
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

}  // namespace

void render_refusal(Exchange& exchange) {
    const Refusal& refusal = *exchange.refusal;
    Response& response = exchange.response;
    response.status = info(refusal.code).status;
    response.stream.reset();
    response.framing = {};
    response.fields.clear();
    response.fields.add("Content-Type", "application/problem+json");
    response.fields.add("Cache-Control", "no-store");
    if (!refusal.www_authenticate.empty()) {
        response.fields.add("WWW-Authenticate", refusal.www_authenticate);
    }
    if (refusal.code == Code::RouteMethodNotAllowed) {
        response.fields.add("Allow", refusal.allow);
    }
    if (refusal.retry_after_s > 0) {
        response.fields.add("Retry-After",
                            exchange.arena().copy(fmt::format("{}", refusal.retry_after_s)));
    }
    response.body = exchange.arena().copy(problem(exchange));
}

}  // namespace lintel::gateway
