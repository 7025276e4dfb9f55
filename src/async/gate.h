// The owner of tasks nobody awaits one by one: connections of a server, background work of a
// worker.
#pragma once

#include <cstddef>
#include <utility>

#include "async/waiter.h"

namespace lintel::async {

/// Lives on one loop. Nothing is spawned once it is closed; closed() waits for what still runs.
/// Must be empty when destroyed: whoever owns it shuts its tasks down first.
class Gate {
public:
    explicit Gate(Loop& loop) : idle_(loop) {}
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate() { LINTEL_ASSERT(running_ == 0, "a gate was destroyed while its tasks ran"); }

    /// Runs the task to its first wait, then beside the caller. False when the gate is closed: the
    /// task is dropped.
    bool spawn(Task<void> task) {
        if (closed_) { return false; }
        ++running_;
        drive(*this, std::move(task));
        return true;
    }
    /// Admits no more tasks.
    void close() {
        closed_ = true;
        if (running_ == 0) { idle_.wake(); }
    }
    /// Closes, then waits until the last task ended: 0, or -ETIMEDOUT at the deadline. One waiter.
    Task<int> closed(Deadline deadline) {
        close();
        co_return co_await idle_.until(deadline);
    }
    std::size_t running() const { return running_; }

private:
    struct Detached {
        struct promise_type : Pooled {
            Detached get_return_object() const noexcept { return {}; }
            std::suspend_never initial_suspend() const noexcept { return {}; }
            std::suspend_never final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
        };
    };
    static Detached drive(Gate& gate, Task<void> task) {
        {
            // The task's frame goes before the gate hears of it: what it refers to may go next.
            Task<void> running = std::move(task);
            co_await running;
        }
        gate.ended();
    }
    void ended() {
        --running_;
        if (running_ == 0 && closed_) { idle_.wake(); }
    }

    Waiter idle_;
    std::size_t running_ = 0;
    bool closed_ = false;
};

}  // namespace lintel::async
