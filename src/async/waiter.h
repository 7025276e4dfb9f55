// Waits that are not sockets: a place in a queue, a pause, an answer from another thread.
#pragma once

#include <cerrno>
#include <coroutine>

#include "async/loop.h"

namespace lintel::async {

/// One coroutine waits until someone on the same loop wakes it, or until the deadline. Owned by the
/// one that waits; whoever wakes keeps a pointer and must forget it when the Waiter goes.
///     Waiter waiter(loop);
///     const int ended = co_await waiter.until(deadline);   // 0, -ETIMEDOUT or what cancel() gave
class Waiter final : private Timer {
public:
    explicit Waiter(Loop& loop) : loop_(loop) {}

    auto until(Deadline deadline) {
        struct Awaiter {
            Waiter& waiter;
            Deadline deadline;
            /// Also when the coroutine is cancelled here: nobody may resume it any more.
            ~Awaiter() {
                waiter.waiting_ = nullptr;
                waiter.disarm();
            }
            bool await_ready() const noexcept { return waiter.woken_; }
            void await_suspend(std::coroutine_handle<> waiting) const {
                waiter.waiting_ = waiting;
                if (!deadline.is_never()) { waiter.loop_.deadlines().arm(waiter, deadline); }
            }
            int await_resume() const noexcept {
                waiter.woken_ = false;
                return waiter.outcome_;
            }
        };
        return Awaiter{*this, deadline};
    }
    /// Ends the wait (or the next one). Resumes the coroutine before returning.
    void wake() { end(0); }
    void cancel(int error) { end(error); }

private:
    void expired() override { end(-ETIMEDOUT); }
    void end(int outcome) {
        if (woken_) { return; }
        woken_ = true;
        outcome_ = outcome;
        disarm();
        if (waiting_) { waiting_.resume(); }
    }

    Loop& loop_;
    std::coroutine_handle<> waiting_ = nullptr;
    int outcome_ = 0;
    bool woken_ = false;
};

}  // namespace lintel::async
