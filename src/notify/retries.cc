#include "notify/retries.h"

#include <array>
#include <cmath>

namespace lintel::notify {

namespace {

using namespace std::chrono_literals;

/// Short ones first, for a receiver that starts anew; about 19 hours in all, for one that somebody
/// has to mend.
constexpr std::array<std::chrono::milliseconds, 7> kWaits{5s, 30s, 2min, 10min, 1h, 6h, 12h};
constexpr double kSpread = 0.1;

}  // namespace

std::optional<std::chrono::milliseconds> wait_after(std::int64_t attempts, double spread) {
    if (attempts < 1 || static_cast<std::size_t>(attempts) > kWaits.size()) { return std::nullopt; }
    const auto wait = kWaits[static_cast<std::size_t>(attempts - 1)];
    const double factor = 1 - kSpread + 2 * kSpread * spread;
    return std::chrono::milliseconds(std::llround(static_cast<double>(wait.count()) * factor));
}

}  // namespace lintel::notify
