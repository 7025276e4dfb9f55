// The phases of a request, in the one order there is. The same names stand in code, metrics, logs,
// explain and docs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lintel::gateway {

enum class Phase : std::uint8_t {
    Accept,
    Parse,
    Match,
    Access,
    Authenticate,
    Authorize,
    Limit,
    Validate,
    Transform,
    Backend,
    TransformResponse,
    Send,
    Log,
};

inline constexpr std::array<std::string_view, 13> kPhaseNames = {
    "accept", "parse",    "match",     "access",  "authenticate",       "authorize",
    "limit",  "validate", "transform", "backend", "transform_response", "send",
    "log",
};
inline constexpr std::size_t kPhaseCount = kPhaseNames.size();

constexpr std::string_view name_of(Phase phase) {
    return kPhaseNames[static_cast<std::size_t>(phase)];
}

/// The phases that run policies.
constexpr bool runs_policies(Phase phase) {
    return phase == Phase::Access || phase == Phase::Authorize || phase == Phase::Limit ||
           phase == Phase::Backend || phase == Phase::TransformResponse;
}

}  // namespace lintel::gateway
