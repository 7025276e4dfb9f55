// When a delivery that failed is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace lintel::notify {

/// How long to wait after so many attempts; none: it is given up. `spread`, of [0, 1], moves the
/// time by up to a tenth either way, so that what failed together does not come back together.
std::optional<std::chrono::milliseconds> wait_after(std::int64_t attempts, double spread);

}  // namespace lintel::notify
