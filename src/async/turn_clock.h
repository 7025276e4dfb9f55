// Time inside a turn of the loop, for measuring which part of a request took how long. The
// monotonic clock is read once a turn; between two turns the processor's own counter tells how much
// time has passed, at a third of the price.
#pragma once

#include <cstdint>

namespace lintel::async {

/// Microseconds of the monotonic clock.
std::uint64_t monotonic_us();

/// Owned by a loop, used on its thread. Good for measuring, not for deadlines: a counter that does
/// not run evenly makes the times within one turn wrong, never those of the turns.
class TurnClock {
public:
    /// A turn begins; the clock says that it is `now_us`.
    void begin_turn(std::uint64_t now_us) {
        const std::uint64_t now_ticks = ticks();
        if (now_us - measured_from_us_ >= kMeasureUs) { measure(now_us, now_ticks); }
        turn_us_ = now_us;
        turn_ticks_ = now_ticks;
    }
    std::uint64_t now_us() const {
        if (us_per_tick_ == 0) { return monotonic_us(); }
        const std::uint64_t now_ticks = ticks();
        // Another processor's counter may be behind.
        if (now_ticks <= turn_ticks_) { return turn_us_; }
        return turn_us_ + static_cast<std::uint64_t>(static_cast<double>(now_ticks - turn_ticks_) *
                                                     us_per_tick_);
    }

private:
    static constexpr std::uint64_t kMeasureUs = 100'000;  ///< the counter's pace is taken anew

    static std::uint64_t ticks() {
#if defined(__x86_64__)
        return __builtin_ia32_rdtsc();  // its header would be most of what every file reads
#else
        return 0;
#endif
    }
    void measure(std::uint64_t now_us, std::uint64_t now_ticks) {
        if (measured_from_us_ != 0 && now_ticks > measured_from_ticks_) {
            us_per_tick_ = static_cast<double>(now_us - measured_from_us_) /
                           static_cast<double>(now_ticks - measured_from_ticks_);
        }
        measured_from_us_ = now_us;
        measured_from_ticks_ = now_ticks;
    }

    std::uint64_t turn_us_ = 0;
    std::uint64_t turn_ticks_ = 0;
    double us_per_tick_ = 0;  ///< 0 = not known: the clock is read instead
    std::uint64_t measured_from_us_ = 0;
    std::uint64_t measured_from_ticks_ = 0;
};

}  // namespace lintel::async
