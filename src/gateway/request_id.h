// Request ids: unique, made in a few nanoseconds, sortable by time.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"

namespace lintel::gateway {

/// One per worker. Not a secret and not to be used as one: the random part is seeded once and then
/// counts on.
class RequestIds {
public:
    RequestIds();
    /// "req_" + 26 characters: 48 bits of time, 80 bits that differ for every worker and request.
    std::string_view next(TimeMs now, Arena& arena);

private:
    std::uint64_t high_;  ///< 16 bits used: the worker's own
    std::uint64_t low_;   ///< counts up
};

}  // namespace lintel::gateway
