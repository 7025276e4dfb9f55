// The three things that can be plugged in: policies, authenticators, backends. All are immutable
// after build and shared by all workers; state that must survive a publish is asked from
// BuildContext by a stable id.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "data/json.h"
#include "gateway/phase.h"
#include "gateway/verdict.h"

namespace lintel::gateway {

class Certificates;
class Exchange;
class Counters;
class ReplayGuard;
class TokenSealer;
class UpstreamRegistry;
struct OutboundRules;

/// Decides on a request in its phase; may additionally see the response.
class Policy {
public:
    virtual ~Policy() = default;
    /// Never waits. The verdict is a function of the exchange, the snapshot, the clock and the
    /// counters.
    virtual Verdict on_request(Exchange& exchange) const = 0;
    /// Called in transform_response, for refusals too.
    virtual void on_response(Exchange&) const {}
};

/// Finds out who calls and fills Exchange::principal, or refuses. Removes the credentials from what
/// the backend sees (Exchange::hide_field). Wrong credentials refuse with Code::AuthInvalid
/// whatever was wrong; the reason says it.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    virtual Task<Verdict> authenticate(Exchange& exchange) const = 0;
};

/// Answers the request: fills Exchange::response from Exchange::backend_request, or refuses with a
/// backend code.
class Backend {
public:
    virtual ~Backend() = default;
    virtual Task<Verdict> call(Exchange& exchange) const = 0;
    /// It is what its config says and nothing of one api: others of the service with the same
    /// config use it as well.
    virtual bool is_shareable() const { return false; }
};

/// What a plugin may use while it is built. References outlive every snapshot.
struct BuildContext {
    std::string_view service_id;
    std::string_view service_code;
    std::string_view api_id;  ///< empty for a service policy
    std::string_view environment;
    std::string_view gateway;  ///< whose upstreams can be named; empty = those of the default one
    /// Since when the policy's limit holds (ms): fixed windows start here. Kept over publishes that
    /// do not change it.
    TimeMs effective_since = 0;
    const Clock& clock;
    Counters& counters;                ///< limiter words by stable id
    ReplayGuard& replay_guard;         ///< recently used signatures
    const TokenSealer& tokens;         ///< access tokens
    const OutboundRules& outbound;     ///< which backend addresses are allowed
    const Certificates& certificates;  ///< what may be shown to backends
    UpstreamRegistry& upstreams;       ///< upstreams by name, state of backends by stable id
    const data::Json&
        api;  ///< the api's definition (parameters, responses …); null for a service policy
    /// The object that has the member "components": "$ref": "#/components/schemas/…" is resolved in
    /// it.
    const data::Json& components;
};

/// A build refuses with Code::FieldInvalid and faults whose pointers are relative to the config.
template <typename Plugin>
using Build = Result<std::unique_ptr<const Plugin>> (*)(const data::Json& config,
                                                        const BuildContext& context);

struct PolicyKind {
    std::string_view name;
    Phase phase;              ///< one of those that run policies
    std::string_view schema;  ///< JSON schema text of the config
    Build<Policy> build;
};
struct AuthKind {
    std::string_view name;
    std::string_view schema;
    Build<Authenticator> build;  ///< null for "none": nothing to run
};
struct BackendKind {
    std::string_view name;
    std::string_view schema;
    Build<Backend> build;
};

/// Everything this binary offers, in the order of the catalogue.
struct Kinds {
    std::vector<PolicyKind> policies;
    std::vector<AuthKind> auths;
    std::vector<BackendKind> backends;
};

}  // namespace lintel::gateway
