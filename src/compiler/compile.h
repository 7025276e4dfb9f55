// How a release becomes traffic: the one place that knows both the design-time nouns and the data
// plane. Pure: the same release gives the same routes, whatever was compiled before.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "compiler/catalogue.h"
#include "gateway/certificate.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"
#include "gateway/replay_guard.h"
#include "gateway/route.h"
#include "gateway/token.h"
#include "gateway/upstream/upstream_registry.h"
#include "model/place.h"
#include "model/service.h"

namespace lintel::compiler {

/// Whether callers of a refused request read the reason (settings name it).
enum class ExplainRefusals { Never, OutsideRelease, Always };

/// What operators set for all services.
struct CompileSettings {
    std::uint64_t body_limit = 10ULL << 20;
    ExplainRefusals explain_refusals = ExplainRefusals::OutsideRelease;
};

/// State of the process that outlives every snapshot; plugins find their part of it by stable ids.
struct LastingState {
    const Clock& clock;
    gateway::Counters& counters;
    gateway::ReplayGuard& replay_guard;
    const gateway::TokenSealer& tokens;
    const gateway::OutboundRules& outbound;
    gateway::MetricsRegistry& metrics;
    gateway::UpstreamRegistry& upstreams;
};

struct CompileEnvironment {
    const Catalogue& catalogue;
    LastingState& lasting;
    CompileSettings settings;
};

/// A release in an environment, to be compiled.
struct Publication {
    const model::Service& service;
    const model::Release& release;
    const model::Environment& environment;
    const std::vector<model::LimitOrigin>& limit_origins;  ///< limits without one begin now
    const gateway::Certificates& certificates;
};

/// Why a publication is compiled. A trial gives out no metrics series: it may never serve.
enum class Purpose { Serve, Trial };

/// All faults of a definition at once, with pointers into the release document
/// ("/apis/3/backend/config/url"). Fails with Code::PublishRefused.
Result<std::shared_ptr<const gateway::CompiledService>> compile_service(
    const Publication& publication, const CompileEnvironment& environment,
    Purpose purpose = Purpose::Serve);

}  // namespace lintel::compiler
