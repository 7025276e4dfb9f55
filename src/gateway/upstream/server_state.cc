#include "gateway/upstream/server_state.h"

namespace lintel::gateway {

bool ServerState::note_failure(const PassiveSettings& settings, std::string_view why,
                               std::uint64_t now_ms) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    {
        const std::scoped_lock lock(mutex_);
        last_failure_ = why;
    }
    if (settings.failures == 0) { return false; }
    recent_failures_.add_mark(now_ms, settings.window);
    return recent_failures_.sums(now_ms, settings.window).marks >= settings.failures;
}

void ServerState::eject(const PassiveSettings& settings, std::uint64_t now_ms) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t before_ms = ejected_until_ms_.load(std::memory_order_relaxed);
    if (now_ms < before_ms) { return; }
    const auto first = static_cast<std::uint64_t>(settings.ejection.count());
    const bool stayed_well = now_ms - before_ms > last_ejection_ms_;
    const std::uint64_t wanted =
        last_ejection_ms_ == 0 || stayed_well ? first : 2 * last_ejection_ms_;
    last_ejection_ms_ = std::min(wanted, static_cast<std::uint64_t>(settings.max_ejection.count()));
    ++ejections_;
    ejected_until_ms_.store(now_ms + last_ejection_ms_, std::memory_order_relaxed);
    // What led here is paid for.
    recent_failures_.clear();
}

bool ServerState::note_check(const CheckThresholds& thresholds, bool good, std::string_view how,
                             std::uint64_t now_ms) {
    const std::scoped_lock lock(mutex_);
    checked_ = true;
    last_check_ = how;
    last_check_at_ms_ = now_ms;
    good_in_row_ = good ? good_in_row_ + 1 : 0;
    bad_in_row_ = good ? 0 : bad_in_row_ + 1;
    if (up_ && bad_in_row_ >= thresholds.unhealthy) {
        up_ = false;
        return true;
    }
    if (!up_ && good_in_row_ >= thresholds.healthy) {
        since_ms_.store(now_ms, std::memory_order_relaxed);
        up_ = true;
        return true;
    }
    return false;
}

void ServerState::forget_checks() {
    const std::scoped_lock lock(mutex_);
    checked_ = false;
    good_in_row_ = bad_in_row_ = 0;
    last_check_.clear();
    up_ = true;
}

ServerReport ServerState::report(std::uint64_t now_ms) const {
    const std::uint64_t until_ms = ejected_until_ms_.load(std::memory_order_relaxed);
    const std::scoped_lock lock(mutex_);
    ServerReport report{.available = is_available(now_ms),
                        .up = {},
                        .last_check = last_check_,
                        .last_check_ms_ago = now_ms - std::min(now_ms, last_check_at_ms_),
                        .ejected_for_ms = until_ms - std::min(until_ms, now_ms),
                        .ejections = ejections_,
                        .last_failure = last_failure_,
                        .in_flight = in_flight(),
                        .calls = calls_.load(std::memory_order_relaxed),
                        .failures = failures_.load(std::memory_order_relaxed)};
    if (checked_) { report.up = is_up(); }
    return report;
}

}  // namespace lintel::gateway
