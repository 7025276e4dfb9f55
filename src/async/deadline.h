// Deadlines, and the wheel that keeps them: 256 slots of 256 ms. Moving a deadline is one store; an
// entry is filed again only when its old slot comes round.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace lintel::async {

/// A point on the monotonic clock of the loop. Waits end at most one slot (256 ms) late, never
/// early.
struct Deadline {
    std::uint64_t at_ms = std::numeric_limits<std::uint64_t>::max();

    static constexpr Deadline never() { return {}; }
    static constexpr Deadline at(std::uint64_t ms) { return {ms}; }
    constexpr bool is_never() const { return at_ms == std::numeric_limits<std::uint64_t>::max(); }
    constexpr auto operator<=>(const Deadline&) const = default;
};

/// Something that can expire. Owned by whoever waits; unfiles itself when destroyed.
class Timer {
public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    virtual ~Timer() { unlink(); }

    /// Forgets the deadline; the entry leaves the wheel lazily.
    void disarm() { deadline_ = Deadline::never(); }
    Deadline deadline() const { return deadline_; }

private:
    friend class DeadlineWheel;
    /// The deadline passed. Called on the loop; may resume coroutines.
    virtual void expired() = 0;

    bool filed() const { return next_ != nullptr; }
    void unlink() {
        if (next_ == nullptr) { return; }
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = nullptr;
    }

    Timer* next_ = nullptr;
    Timer* previous_ = nullptr;
    Deadline deadline_;
    std::uint64_t tick_ = 0;  ///< where it is filed
};

/// Owned by a Loop and used on its thread only.
class DeadlineWheel {
public:
    static constexpr std::uint64_t kSlotMs = 256;
    static constexpr std::size_t kSlots = 256;

    explicit DeadlineWheel(std::uint64_t now_ms);
    DeadlineWheel(const DeadlineWheel&) = delete;
    DeadlineWheel& operator=(const DeadlineWheel&) = delete;
    ~DeadlineWheel();

    void arm(Timer& timer, Deadline deadline) {
        timer.deadline_ = deadline;
        if (timer.filed() && timer.tick_ <= tick_of(deadline)) { return; }
        file(timer);
    }
    /// Fires everything due at `now_ms`.
    void advance(std::uint64_t now_ms);
    /// How long a poll may sleep: -1 = as long as it likes.
    int wait_ms(std::uint64_t now_ms) const;

private:
    struct Anchor final : Timer {
        void expired() override {}
    };
    static constexpr std::uint64_t tick_of(Deadline deadline) {
        return deadline.at_ms / kSlotMs + 1;
    }
    void file(Timer& timer);
    void link(Timer& anchor, Timer& timer);
    void fire(std::uint64_t tick);

    std::array<Anchor, kSlots> slots_;
    std::array<std::uint64_t, kSlots / 64> used_{};  ///< one bit per slot that may hold entries
    std::uint64_t tick_;                             ///< the last one fired
};

}  // namespace lintel::async
