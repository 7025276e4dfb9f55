// For tests: everything a compilation uses, with every plugin of the binary and a clock that stands
// still.
#pragma once

#include <utility>

#include "auth/auth.h"
#include "backends/backends.h"
#include "base/clock.h"
#include "compiler/compile.h"
#include "crypto/seal.h"
#include "policies/policies.h"

namespace lintel::compiler {

inline gateway::Kinds all_kinds() {
    gateway::Kinds kinds;
    policies::register_policies(kinds);
    auth::register_auths(kinds);
    backends::register_backends(kinds);
    return kinds;
}

/// Lives on the stack of a test; must outlive what was compiled in it.
struct CompileWorld {
    FakeClock clock{1'700'000'000'000};
    gateway::Counters counters;
    gateway::ReplayGuard replay_guard{1'000};
    crypto::MasterKey master = crypto::MasterKey::generate();
    gateway::TokenSealer tokens{master};
    gateway::OutboundRules outbound;
    gateway::MetricsRegistry metrics;
    Catalogue catalogue = Catalogue::build(all_kinds()).value();
    gateway::UpstreamRegistry upstreams;
    LastingState lasting{clock, counters, replay_guard, tokens, outbound, metrics, upstreams};
    CompileEnvironment environment{catalogue, lasting, {}};
};

/// A release of the service "pets" in the environment "test".
struct PublishedPets {
    explicit PublishedPets(model::ServiceDefinition definition) {
        service.id = model::ServiceId("svc_1");
        service.code = "pets";
        release.service_id = service.id;
        release.number = 1;
        release.definition = std::move(definition);
        environment.id = model::EnvironmentId("env_1");
        environment.code = "test";
    }

    Publication publication() const {
        return {service, release, environment, limit_origins, certificates};
    }

    model::Service service;
    model::Release release;
    model::Environment environment;
    std::vector<model::LimitOrigin> limit_origins;
    gateway::Certificates certificates;
};

}  // namespace lintel::compiler
