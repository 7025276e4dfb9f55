// What matching leads to: one api of one service, as deployed in one environment. Built by the
// compiler, immutable.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/inplace_vector.h"
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
    /// Views of `policies`, for the addresses below "/-/" that belong to no api.
    RoutePolicies reserved_policies;
    std::vector<std::string> certificates;  ///< ids of those its backends show
    std::vector<std::shared_ptr<const struct Route>> routes;
};

struct Route {
    std::string api_id;
    std::string api_name;
    std::string method;
    std::string path;  ///< template, relative to the service: "/pets/{id}"
    const CompiledService* service = nullptr;
    std::unique_ptr<const Authenticator> authenticator;  ///< null: anyone may call
    std::string_view auth_kind;                          ///< "none", "basic", …
    std::vector<std::unique_ptr<const Policy>> own_policies;
    RoutePolicies policies;
    Contract contract;
    Mapping mapping;
    std::unique_ptr<const ErrorConversion> conversion;  ///< null: none
    std::unique_ptr<const Backend> backend;
    std::uint32_t metrics_id = 0;  ///< slot in the per-worker slabs, stable over publishes
};

/// A path parameter as matched: views into the canonical path, still percent-encoded.
struct PathParameter {
    std::string_view name;
    std::string_view value;
};
using PathParameters = InplaceVector<PathParameter, 30>;

}  // namespace lintel::gateway
