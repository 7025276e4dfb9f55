// What matching leads to: one api of one service, as deployed in one environment. Built by the
// compiler, immutable.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/small_vector.h"
#include "gateway/contract.h"
#include "gateway/error_conversion.h"
#include "gateway/mapping.h"
#include "gateway/plugin.h"

namespace lintel::gateway {

enum class Scheme : std::uint8_t { Http, Https, Both };

/// Policies by the phase they run in, in the order they run: those of the service, then the api's
/// own.
struct RoutePolicies {
    std::vector<const Policy*> access;
    std::vector<const Policy*> authorize;
    std::vector<const Policy*> limit;
    std::vector<const Policy*> backend;
    std::vector<const Policy*> response;  ///< of the phase transform_response

    /// REQUIRES: runs_policies(phase).
    void add(Phase phase, const Policy& policy);
};
inline const RoutePolicies kNoPolicies;

/// One service in one environment: what all its routes share.
struct CompiledService {
    std::string id;
    std::string code;
    std::string name;
    /// As call addresses have it: "release"; of another gateway than the default one
    /// "release.shop".
    std::string environment;
    std::int64_t release = 0;
    Scheme scheme = Scheme::Both;
    bool allow_encoded_slashes = false;
    std::int64_t token_lifetime_s = 7200;
    bool token_by_get = true;
    bool explain_refusals = false;  ///< tell callers the reason and the expected string to sign
    std::uint64_t body_limit = 10ULL << 20;
    std::vector<std::shared_ptr<const Policy>> policies;  ///< owns
    /// Views of `policies`: all that runs for apis without policies of their own, and for the
    /// addresses below "/-/" that belong to no api.
    RoutePolicies common_policies;
    std::vector<std::string> certificates;  ///< ids of those its backends show
    std::vector<std::shared_ptr<const struct Route>> routes;
};

/// What a route is called.
struct RouteNames {
    std::string_view api_id = {};
    std::string_view api_name = {};
    std::string_view method = {};
    std::string_view path = {};  ///< template, relative to the service: "/pets/{id}"
};

struct Route {
    /// Copies the names.
    explicit Route(const RouteNames& called);
    Route(const Route&) = delete;
    Route& operator=(const Route&) = delete;

    /// Runs it behind those that run already.
    void add_policy(Phase phase, std::unique_ptr<const Policy> policy);

    // What each call reads stands together: among very many routes every line of it is a miss.
    const CompiledService* service = nullptr;
    std::unique_ptr<const Authenticator> authenticator;  ///< null: anyone may call
    const RoutePolicies* policies = &kNoPolicies;        ///< those of the service, or with its own
    Contract contract;
    Mapping mapping;
    std::unique_ptr<const ErrorConversion> conversion;  ///< null: none
    std::shared_ptr<const Backend> backend;             ///< others may have the same
    std::uint32_t metrics_id = 0;  ///< slot in the per-worker slabs, stable over publishes
    RouteNames names;
    std::string_view auth_kind;  ///< "none", "basic", …

private:
    struct OwnPolicies {
        std::vector<std::unique_ptr<const Policy>> policies;
        RoutePolicies with_those_before;
    };

    std::array<char, 112> short_names_;
    std::unique_ptr<char[]> long_names_;  ///< when they do not fit there
    std::unique_ptr<OwnPolicies> own_policies_;
};

/// A path parameter as matched: views into the canonical path, still percent-encoded.
struct PathParameter {
    std::string_view name;
    std::string_view value;
};
using PathParameters = SmallVector<PathParameter, 6, 30>;

}  // namespace lintel::gateway
