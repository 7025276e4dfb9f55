#include <algorithm>
#include <bit>

#include "async/deadline.h"

namespace lintel::async {

DeadlineWheel::DeadlineWheel(std::uint64_t now_ms) : tick_(now_ms / kSlotMs) {
    for (Anchor& slot : slots_) {
        slot.next_ = slot.previous_ = &slot;
    }
}

DeadlineWheel::~DeadlineWheel() {
    for (Anchor& slot : slots_) {
        while (slot.next_ != &slot) {
            slot.next_->unlink();
        }
        slot.next_ = slot.previous_ = nullptr;
    }
}

void DeadlineWheel::link(Timer& anchor, Timer& timer) {
    timer.previous_ = anchor.previous_;
    timer.next_ = &anchor;
    anchor.previous_->next_ = &timer;
    anchor.previous_ = &timer;
}

void DeadlineWheel::file(Timer& timer) {
    timer.unlink();
    if (timer.deadline_.is_never()) { return; }
    // Farther than one turn of the wheel: filed in the last slot and looked at again there.
    const std::uint64_t tick = std::clamp(tick_of(timer.deadline_), tick_ + 1, tick_ + kSlots - 1);
    timer.tick_ = tick;
    const std::size_t slot = tick % kSlots;
    link(slots_[slot], timer);
    used_[slot / 64] |= 1ULL << (slot % 64);
}

void DeadlineWheel::fire(std::uint64_t tick) {
    const std::size_t slot = tick % kSlots;
    if ((used_[slot / 64] & (1ULL << (slot % 64))) == 0) { return; }
    used_[slot / 64] &= ~(1ULL << (slot % 64));
    // Taken off first: what expires may file, unlink or destroy other entries.
    Anchor due;
    due.next_ = due.previous_ = &due;
    Anchor& anchor = slots_[slot];
    if (anchor.next_ != &anchor) {
        due.next_ = anchor.next_;
        due.previous_ = anchor.previous_;
        due.next_->previous_ = &due;
        due.previous_->next_ = &due;
        anchor.next_ = anchor.previous_ = &anchor;
    }
    while (due.next_ != &due) {
        Timer& timer = *due.next_;
        timer.unlink();
        if (timer.deadline_.is_never()) { continue; }
        if (tick_of(timer.deadline_) > tick) {
            file(timer);
            continue;
        }
        timer.disarm();
        timer.expired();
    }
    due.next_ = due.previous_ = nullptr;
}

void DeadlineWheel::advance(std::uint64_t now_ms) {
    const std::uint64_t now = now_ms / kSlotMs;
    if (now <= tick_) { return; }
    const std::uint64_t turns = std::min<std::uint64_t>(now - tick_, kSlots);
    for (std::uint64_t tick = now - turns + 1; tick <= now; ++tick) {
        tick_ = tick;
        fire(tick);
    }
}

int DeadlineWheel::wait_ms(std::uint64_t now_ms) const {
    for (std::size_t ahead = 1; ahead <= kSlots;) {
        const std::size_t slot = (tick_ + ahead) % kSlots;
        const std::uint64_t bits = used_[slot / 64] >> (slot % 64);
        if (bits == 0) {
            ahead += 64 - slot % 64;
            continue;
        }
        ahead += static_cast<std::size_t>(std::countr_zero(bits));
        const std::uint64_t at_ms = (tick_ + ahead) * kSlotMs;
        return at_ms > now_ms ? static_cast<int>(at_ms - now_ms) : 0;
    }
    return -1;
}

}  // namespace lintel::async
