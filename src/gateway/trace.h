// The phase trace of a request: when each phase began and how it ended. A few stores per phase, so
// it is always on.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/phase.h"

namespace lintel::gateway {

enum class PhaseOutcome : std::uint8_t { Skipped, Passed, Refused };

/// Offsets are microseconds since the request's first byte. Part of the exchange.
struct Trace {
    std::array<std::uint32_t, kPhaseCount> start_us{};
    std::array<std::uint32_t, kPhaseCount> took_us{};
    std::array<PhaseOutcome, kPhaseCount> outcome{};
};

}  // namespace lintel::gateway
