// The phase trace of a request: when each phase began and how it ended. A few stores per phase, so
// it is always on.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "gateway/phase.h"

namespace lintel::gateway {

enum class PhaseOutcome : std::uint8_t { Skipped, Passed, Refused, Cancelled };

/// Part of the exchange. The clock is read where a phase ends: that is where the next one begins.
struct Trace {
    std::uint64_t begin_us = 0;                         ///< monotonic: the request's first byte
    std::uint64_t mark_us = 0;                          ///< monotonic: the end of the last phase
    std::array<std::uint32_t, kPhaseCount> start_us{};  ///< since begin_us
    std::array<std::uint32_t, kPhaseCount> took_us{};
    std::array<PhaseOutcome, kPhaseCount> outcome{};
    Phase refused_at = Phase::Accept;  ///< the phase that refused or was cancelled, when one was
    Phase under_way = Phase::Accept;   ///< what follows the phase that ended last, in their order

    bool ended(Phase phase) const {
        return outcome[static_cast<std::size_t>(phase)] != PhaseOutcome::Skipped;
    }
    std::uint64_t took(Phase phase) const { return took_us[static_cast<std::size_t>(phase)]; }

    void begin(std::uint64_t first_byte_us) { begin_us = mark_us = first_byte_us; }
    void end(Phase phase, PhaseOutcome how, std::uint64_t now_us) {
        const auto at = static_cast<std::size_t>(phase);
        now_us = std::max(now_us, mark_us);  // the first mark may be of a turn, the rest are finer
        start_us[at] = static_cast<std::uint32_t>(mark_us - begin_us);
        took_us[at] = static_cast<std::uint32_t>(now_us - mark_us);
        outcome[at] = how;
        mark_us = now_us;
        under_way = static_cast<Phase>(std::min(at + 1, kPhaseCount - 1));
    }
    /// The client left, or the server stops, in the middle of it all.
    void cancel(std::uint64_t now_us) {
        refused_at = under_way;
        end(under_way, PhaseOutcome::Cancelled, now_us);
    }
};

}  // namespace lintel::gateway
