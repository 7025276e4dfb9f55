#include "compiler/debugger.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "compiler/debug_signature.h"
#include "gateway/snapshot.h"

namespace lintel::compiler {

namespace {

/// The name a debug call is made by. Nobody else has it (RFC 6761), so it leads to no domain.
constexpr std::string_view kDebugHost = "debug.invalid";

gateway::DebugRequest request_of(const management::DebugCall& call,
                                 const gateway::CompiledService& service) {
    std::string target = fmt::format("/{}/{}{}", service.environment, service.code, call.path);
    if (!call.query.empty()) { target += "?" + call.query; }
    return {.method = call.method,
            .target = std::move(target),
            .host = std::string(kDebugHost),
            .fields = call.headers,
            .body = call.body,
            .client = IpAddress::parse(call.client).value_or(IpAddress::v4(0x7F000001)),
            .secure = service.scheme == gateway::Scheme::Https,
            .timeout = call.timeout};
}

}  // namespace

Debugger::Debugger(gateway::Gateway& gateway, const CompileEnvironment& environment)
    : gateway_(gateway),
      lasting_{.clock = environment.lasting.clock,
               .counters = counters_,
               .replay_guard = replay_guard_,
               .tokens = environment.lasting.tokens,
               .outbound = environment.lasting.outbound,
               .metrics = environment.lasting.metrics,
               .upstreams = environment.lasting.upstreams},
      environment_{.catalogue = environment.catalogue,
                   .lasting = lasting_,
                   .settings = environment.settings} {}

Result<management::DebugAnswer> Debugger::run(const management::DebugCall& call,
                                              const ServedTables& tables) {
    static const std::vector<model::LimitOrigin> no_origins;
    const GatewayCertificates certificates(*tables.certificates, call.service.gateway_id);
    ASSIGN_OR_RETURN(
        const auto service,
        compile_service({call.service, call.release, call.environment, no_origins, certificates},
                        environment_, Purpose::Trial));
    gateway::DebugRequest request = request_of(call, *service);
    if (!call.credential.empty()) {
        const gateway::Credential* credential = tables.credentials->by_id(call.credential.str());
        if (credential == nullptr) {
            return fail(Code::NotFound, "The credential is not served here (yet).");
        }
        sign({.service = *service, .credential = *credential, .tokens = lasting_.tokens},
             lasting_.clock.now_ms(), request);
    }
    management::DebugAnswer answer{.target = request.target};
    ASSIGN_OR_RETURN(
        gateway::DebugAnswer got,
        gateway_.debug(
            std::make_shared<const gateway::Snapshot>(
                tables.revision, gateway::RouteTable::of({service}, ""), tables.credentials,
                std::make_shared<const gateway::DomainTable>(), tables.upstreams),
            std::move(request)));
    answer.status = got.status;
    answer.headers = std::move(got.fields);
    answer.body = std::move(got.body);
    answer.trailers = std::move(got.trailers);
    answer.is_truncated = got.is_truncated;
    ASSIGN_OR_RETURN(answer.trace, data::parse_json(got.trace));
    return answer;
}

}  // namespace lintel::compiler
