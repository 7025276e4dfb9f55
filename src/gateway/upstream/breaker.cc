#include "gateway/upstream/breaker.h"

namespace lintel::gateway {

Breaker::Admission Breaker::admit(const BreakerSettings& settings, std::uint64_t now_ms) {
    const State state = state_.load(std::memory_order_acquire);
    if (state == State::Closed) { return {}; }
    if (state == State::Open) {
        const std::uint64_t until_ms = open_until_ms_.load(std::memory_order_relaxed);
        if (now_ms < until_ms) { return {.admitted = false, .retry_after_ms = until_ms - now_ms}; }
    }
    return admit_trial(settings, now_ms);
}

Breaker::Admission Breaker::admit_trial(const BreakerSettings& settings, std::uint64_t now_ms) {
    const std::scoped_lock lock(mutex_);
    // Another worker may have moved it meanwhile.
    const State state = state_.load(std::memory_order_relaxed);
    if (state == State::Closed) { return {}; }
    if (state == State::Open) {
        const std::uint64_t until_ms = open_until_ms_.load(std::memory_order_relaxed);
        if (now_ms < until_ms) { return {.admitted = false, .retry_after_ms = until_ms - now_ms}; }
        ++round_;
        trials_begun_ = trials_good_ = 0;
        state_.store(State::HalfOpen, std::memory_order_release);
    }
    if (trials_good_ >= settings.trials) {  // fewer are asked for than before
        close();
        return {};
    }
    if (trials_begun_ >= settings.trials) {
        return {.admitted = false, .retry_after_ms = kTrialPauseMs};
    }
    ++trials_begun_;
    return {.trial = true, .round = round_};
}

void Breaker::record(const BreakerSettings& settings, const Admission& admission, bool failed,
                     std::uint64_t now_ms) {
    if (!admission.trial) {
        if (state_.load(std::memory_order_acquire) != State::Closed) { return; }
        if (!failed) { return counts_.add_call(now_ms, settings.window); }
        counts_.add_marked_call(now_ms, settings.window);
        if (!should_open(settings, now_ms)) { return; }
        const std::scoped_lock lock(mutex_);
        if (state_.load(std::memory_order_relaxed) == State::Closed) { open(settings, now_ms); }
        return;
    }
    const std::scoped_lock lock(mutex_);
    const bool late =
        state_.load(std::memory_order_relaxed) != State::HalfOpen || admission.round != round_;
    if (late) { return; }
    if (failed) { return open(settings, now_ms); }
    if (++trials_good_ >= settings.trials) { close(); }
}

void Breaker::abandon(const Admission& admission) {
    if (!admission.trial) { return; }
    const std::scoped_lock lock(mutex_);
    const bool current =
        state_.load(std::memory_order_relaxed) == State::HalfOpen && admission.round == round_;
    if (current) { --trials_begun_; }
}

bool Breaker::should_open(const BreakerSettings& settings, std::uint64_t now_ms) const {
    const SlidingCounts::Sums sums = counts_.sums(now_ms, settings.window);
    if (settings.failures > 0 && sums.marks >= settings.failures) { return true; }
    return settings.percent > 0 && sums.calls >= settings.min_calls &&
           sums.marks * 100 >= sums.calls * settings.percent;
}

void Breaker::open(const BreakerSettings& settings, std::uint64_t now_ms) {
    open_until_ms_.store(now_ms + static_cast<std::uint64_t>(settings.open_for.count()),
                         std::memory_order_relaxed);
    times_opened_.fetch_add(1, std::memory_order_relaxed);
    state_.store(State::Open, std::memory_order_release);
}

void Breaker::close() {
    counts_.clear();
    state_.store(State::Closed, std::memory_order_release);
}

std::string_view name_of(Breaker::State state) {
    switch (state) {
        case Breaker::State::Closed: return "closed";
        case Breaker::State::HalfOpen: return "half_open";
        case Breaker::State::Open: break;
    }
    return "open";
}

}  // namespace lintel::gateway
