// The circuit breaker: stops calling what keeps failing, and finds out by a few trial calls when it
// is well again.
//
//     closed ──too many failures──▶ open ──open_for is over──▶ half-open ──all trials good──▶
//     closed
//                                     ▲──────────one trial failed──────────┘
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "gateway/upstream/sliding_counts.h"
#include "gateway/upstream/status_set.h"

namespace lintel::gateway {

/// When it opens: at `failures` in the window, or at `percent` of at least `min_calls` calls,
/// whichever comes first.
struct BreakerSettings {
    std::uint32_t failures = 0;  ///< 0 = not by count
    std::uint32_t percent = 0;   ///< 0 = not by share
    std::uint32_t min_calls = 20;
    std::chrono::milliseconds window{10'000};
    std::chrono::milliseconds open_for{15'000};
    std::uint32_t trials = 3;  ///< calls let through half-open; all of them must succeed
    StatusSet statuses;        ///< answers that are failures
};

/// Role: the state of one breaker. Thread-safe: closed and open take no lock, moves do. Found by a
/// stable id, so that neither a publish nor a change of something else resets it; the settings come
/// with each call, so that a change of them takes effect at once.
class Breaker {
public:
    enum class State : std::uint8_t { Closed, HalfOpen, Open };
    /// When half-open and all trials are under way, callers are asked to come back after this.
    static constexpr std::uint64_t kTrialPauseMs = 1000;

    struct Admission {
        bool admitted = true;
        bool trial = false;
        std::uint32_t round = 0;           ///< of a trial: which half-open time it belongs to
        std::uint64_t retry_after_ms = 0;  ///< of a refusal
    };

    Admission admit(const BreakerSettings& settings, std::uint64_t now_ms);
    /// How an admitted call ended. What was admitted before the last move changes nothing.
    void record(const BreakerSettings& settings, const Admission& admission, bool failed,
                std::uint64_t now_ms);
    /// An admitted call that ended without telling (the client left): a trial is free again.
    void abandon(const Admission& admission);

    State state() const { return state_.load(std::memory_order_acquire); }
    std::uint64_t times_opened() const { return times_opened_.load(std::memory_order_relaxed); }

private:
    Admission admit_trial(const BreakerSettings& settings, std::uint64_t now_ms);
    bool should_open(const BreakerSettings& settings, std::uint64_t now_ms) const;
    void open(const BreakerSettings& settings, std::uint64_t now_ms);
    void close();

    std::atomic<State> state_{State::Closed};
    std::atomic<std::uint64_t> open_until_ms_{0};
    std::atomic<std::uint64_t> times_opened_{0};
    SlidingCounts counts_;
    std::mutex mutex_;  ///< guards moves and what follows
    std::uint32_t round_ = 0;
    std::uint32_t trials_begun_ = 0;
    std::uint32_t trials_good_ = 0;
};

/// "closed", "half_open", "open".
std::string_view name_of(Breaker::State state);

/// One admitted call. Tells the breaker how it ended, and gives a trial back when nobody did.
class BreakerPass {
public:
    BreakerPass() = default;
    BreakerPass(const BreakerPass&) = delete;
    BreakerPass& operator=(const BreakerPass&) = delete;
    ~BreakerPass() {
        if (breaker_ != nullptr) { breaker_->abandon(admission_); }
    }

    void begin(Breaker& breaker, const Breaker::Admission& admission) {
        breaker_ = &breaker;
        admission_ = admission;
    }
    void end(const BreakerSettings& settings, bool failed, std::uint64_t now_ms) {
        if (breaker_ == nullptr) { return; }
        breaker_->record(settings, admission_, failed, now_ms);
        breaker_ = nullptr;
    }

private:
    Breaker* breaker_ = nullptr;  ///< none: nothing to tell
    Breaker::Admission admission_;
};

}  // namespace lintel::gateway
