#include "gateway/trace_json.h"

#include <utility>

#include "data/json.h"
#include "gateway/exchange.h"
#include "gateway/snapshot.h"

namespace lintel::gateway {
namespace {

using data::Json;

void put(Json& object, std::string_view key, std::string_view text) {
    if (!text.empty()) { object[std::string(key)] = text; }
}

void put_refusal(Json& phase, const Refusal& refusal) {
    const CodeInfo& code = info(refusal.code);
    put(phase, "code", code.name);
    put(phase, "rule", refusal.rule);
    put(phase, "reason", refusal.reason);
    put(phase, "expected", refusal.expected);
    put(phase, "got", refusal.got);
    if (refusal.faults != nullptr) {
        for (const Fault& fault : *refusal.faults) {
            phase["faults"].push_back(
                {{"pointer", fault.pointer}, {"code", fault.code}, {"detail", fault.detail}});
        }
    }
    put(phase, "fix", code.fix);
}

std::string_view verdict_of(PhaseOutcome outcome) {
    switch (outcome) {
        case PhaseOutcome::Skipped: return "skipped";
        case PhaseOutcome::Passed: return "pass";
        case PhaseOutcome::Refused: return "refuse";
        case PhaseOutcome::Cancelled: return "cancel";
    }
    return "skipped";
}

void put_match(Json& phase, const Exchange& exchange) {
    if (exchange.route == nullptr) { return; }
    put(phase, "api", exchange.route->names.api_name);
    put(phase, "path", exchange.route->names.path);
    for (const PathParameter& parameter : exchange.path_parameters) {
        phase["parameters"][std::string(parameter.name)] = parameter.value;
    }
}

void put_caller(Json& phase, const Exchange& exchange) {
    put(phase, "method", exchange.principal.method);
    if (const Credential* credential = exchange.principal.credential) {
        put(phase, "credential", credential->name);
    }
}

void put_limit(Json& phase, const Exchange& exchange) {
    if (exchange.limit < 0) { return; }
    phase["limit"] = exchange.limit;
    phase["remaining"] = exchange.limit_remaining;
    phase["reset_s"] = exchange.limit_reset_s;
}

void put_backend_request(Json& phase, const Exchange& exchange) {
    put(phase, "method", exchange.backend_request.method);
    put(phase, "path", exchange.backend_request.path);
    put(phase, "query", exchange.backend_request.query);
}

/// What the backend phase did: which server answered, at which try.
void put_backend(Json& phase, const Exchange& exchange) {
    put(phase, "upstream", exchange.upstream);
    put(phase, "server", exchange.upstream_server);
    put(phase, "address", exchange.backend_address);
    if (exchange.backend_status > 0) { phase["status"] = exchange.backend_status; }
    if (exchange.backend_tries > 0) { phase["tries"] = exchange.backend_tries; }
}

/// What a phase found, as far as it says more than its verdict.
void put_findings(Json& json, Phase phase, const Exchange& exchange) {
    switch (phase) {
        case Phase::Accept: json["client"] = exchange.client_address.to_string(); break;
        case Phase::Parse: put(json, "path", exchange.path); break;
        case Phase::Match: put_match(json, exchange); break;
        case Phase::Authenticate: put_caller(json, exchange); break;
        case Phase::Limit: put_limit(json, exchange); break;
        case Phase::Transform: put_backend_request(json, exchange); break;
        case Phase::Backend: put_backend(json, exchange); break;
        default: break;
    }
}

Json phase_json(const Exchange& exchange, std::size_t at) {
    const Trace& trace = exchange.trace;
    Json phase = {{"name", kPhaseNames[at]},
                  {"about", kPhaseSentences[at]},
                  {"verdict", verdict_of(trace.outcome[at])}};
    if (trace.outcome[at] == PhaseOutcome::Skipped) { return phase; }
    phase["start_us"] = trace.start_us[at];
    phase["took_us"] = trace.took_us[at];
    put_findings(phase, static_cast<Phase>(at), exchange);
    const bool refused = trace.outcome[at] == PhaseOutcome::Refused;
    if (refused && exchange.refusal != nullptr) { put_refusal(phase, *exchange.refusal); }
    return phase;
}

std::string_view outcome_of(const Exchange& exchange) {
    if (exchange.refusal != nullptr) { return "refused"; }
    return exchange.trace.outcome[static_cast<std::size_t>(exchange.trace.refused_at)] ==
                   PhaseOutcome::Cancelled
               ? "cancelled"
               : "answered";
}

}  // namespace

std::string trace_json(const Exchange& exchange) {
    const Trace& trace = exchange.trace;
    Json root = {{"request_id", exchange.request_id}, {"revision", exchange.snapshot.revision()}};
    if (exchange.service != nullptr) {
        put(root, "environment", exchange.service->environment);
        put(root, "service", exchange.service->code);
    }
    if (exchange.route != nullptr) { put(root, "api", exchange.route->names.api_name); }
    root["outcome"] = outcome_of(exchange);
    root["status"] = exchange.response.status;
    root["total_us"] = trace.mark_us - trace.begin_us;
    root["phases"] = Json::array();
    for (std::size_t at = 0; at < kPhaseCount; ++at) {
        root["phases"].push_back(phase_json(exchange, at));
    }
    return data::dump(root);
}

}  // namespace lintel::gateway
