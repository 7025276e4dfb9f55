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

/// What each is for, in a sentence for those who read a trace.
inline constexpr std::array<std::string_view, kPhaseCount> kPhaseSentences = {
    "The request gets its id, and the client its address.",
    "The path is brought into its one canonical form.",
    "Host, path and method lead to an API.",
    "IP lists admit or refuse the client.",
    "The caller proves who it is.",
    "The credential's grants say whether it may call this API.",
    "Rate limits count the call.",
    "Parameters and body are held against the contract of the API.",
    "The request becomes what the backend will be asked.",
    "The backend is called.",
    "The answer is finished; a refusal becomes a problem document.",
    "The answer goes to the client.",
    "The call is counted and logged.",
};

constexpr std::string_view name_of(Phase phase) {
    return kPhaseNames[static_cast<std::size_t>(phase)];
}

/// The phases that run policies.
constexpr bool runs_policies(Phase phase) {
    return phase == Phase::Access || phase == Phase::Authorize || phase == Phase::Limit ||
           phase == Phase::Backend || phase == Phase::TransformResponse;
}

}  // namespace lintel::gateway
