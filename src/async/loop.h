// The event loop: one per worker thread, epoll edge-triggered, with a deadline wheel and a mailbox
// for other threads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/deadline.h"
#include "async/task.h"
#include "async/turn_clock.h"
#include "base/error.h"

namespace lintel::async {

/// A small piece of work posted to a loop.
using Job = std::move_only_function<void()>;

/// Something the current turn may still refer to after its owner let go: it lives until the turn
/// ends (Loop::bury).
class Buriable {
public:
    virtual ~Buriable() = default;
};

/// What an epoll event leads to. Owned by its socket or listener; buried when that goes, because
/// the current batch of events may still name it.
class EventSource : public Buriable {
public:
    virtual void on_events(std::uint32_t events) = 0;
};

class Loop;

/// What an operation does, and so when in a turn it is tried: whoever only looks goes first,
/// because it will want to receive.
enum class Stage : std::uint8_t { Look, Receive, Send };

/// Something a coroutine awaits and that may be possible now. All operations of a stage are tried
/// before anyone who awaited one of them goes on, so that the code of a stage, the kernel's above
/// all, is fetched into the first-level cache once for all of them. Those who wait in the same
/// coroutine then go on one after the other, for the sake of its code. Part of an awaiter: it lives
/// in the coroutine's frame.
class Operation {
public:
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

protected:
    Operation(Loop& loop, Stage stage) : loop_(loop), stage_(stage) {}
    ~Operation();
    /// Has it tried in the next stage of its kind. Once is enough.
    void stage();
    bool is_awaited() const { return waiting_ != nullptr; }

    /// Whether it is over, so that whoever waits goes on. If not, stage() is called again later.
    virtual bool attempt() = 0;

    std::coroutine_handle<> waiting_ = nullptr;
    std::size_t brought_ = 0;  ///< bytes it has put into memory

private:
    friend class Loop;

    Loop& loop_;
    Stage stage_;
    bool staged_ = false;
};

/// Runs on exactly one thread, the one that calls run(). Everything but post() and stop() is for
/// that thread only. Owns no tasks: those belong to gates, connections and callers.
class Loop {
public:
    static Result<std::unique_ptr<Loop>> open();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Serves events until stop(). May be called again afterwards.
    void run();
    /// One turn: waits for events (at most until the next deadline), handles them stage by stage,
    /// then posted jobs.
    void turn();
    /// Thread-safe: run() returns at the end of the turn.
    void stop();
    /// Thread-safe: runs the job on the loop at the end of a turn, in order of posting. Jobs still
    /// queued when the loop is destroyed are dropped unrun.
    void post(Job job);

    /// Time of the current turn (monotonic). Reading it costs nothing.
    std::uint64_t now_ms() const { return now_us_ / 1000; }
    std::uint64_t now_us() const { return now_us_; }
    /// The time as it is, for measuring.
    std::uint64_t precise_us() const { return clock_.now_us(); }
    Deadline after(std::chrono::milliseconds wait) const {
        return Deadline::at(now_ms() + static_cast<std::uint64_t>(wait.count()));
    }

    /// `co_await loop.next_turn()`: lets others run first.
    auto next_turn() {
        struct Awaiter {
            explicit Awaiter(Loop& of) : loop(of) {}
            Awaiter(const Awaiter&) = delete;
            Awaiter& operator=(const Awaiter&) = delete;
            ~Awaiter() {
                if (waiting) { loop.forget(waiting); }
            }
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> of) {
                waiting = of;
                loop.deferred_.push_back(of);
            }
            void await_resume() noexcept { waiting = nullptr; }
            Loop& loop;
            std::coroutine_handle<> waiting = nullptr;
        };
        return Awaiter(*this);
    }

    DeadlineWheel& deadlines() { return wheel_; }

    /// For sockets and listeners. 0 or an errno.
    int watch(int descriptor, std::uint32_t events, EventSource& source);
    int rewatch(int descriptor, std::uint32_t events, EventSource& source);
    void unwatch(int descriptor);
    /// Destroys it at the end of the turn.
    void bury(std::unique_ptr<Buriable> dead) { dead_.push_back(std::move(dead)); }

private:
    friend class Operation;
    struct Letter {
        Job job;
        Letter* next = nullptr;
    };
    class Bell;
    struct Batch;

    Loop(int epoll, int bell);
    std::vector<Operation*>& staged(Stage stage) {
        return staged_[static_cast<std::size_t>(stage)];
    }
    bool has_staged() const;
    void run_stages();
    std::size_t run_stage(Stage stage);
    /// Of those tried: the one at `first` and all before `end` that wait in the same coroutine.
    void resume_alike(std::size_t first, std::size_t end);
    void forget(Operation& operation);
    void read_mail();
    void run_deferred();
    void forget(std::coroutine_handle<> deferred);
    void empty_graves();

    int epoll_;
    std::unique_ptr<Batch> batch_;
    std::uint64_t now_us_ = 0;
    TurnClock clock_;
    DeadlineWheel wheel_;
    std::unique_ptr<Bell> bell_;             ///< eventfd that wakes the poll
    std::atomic<Letter*> mailbox_{nullptr};  ///< newest first
    std::atomic<bool> stopped_{false};
    std::array<std::vector<Operation*>, 3> staged_;  ///< by Stage; null = forgotten
    std::vector<Operation*> trying_;                 ///< the stage that is under way
    std::vector<std::coroutine_handle<>> deferred_;
    std::vector<std::coroutine_handle<>> deferred_now_;
    std::vector<std::unique_ptr<Buriable>> dead_;
};

/// Drives the loop until the task ends: tests, and work before the workers start.
template <typename T>
T run_on(Loop& loop, Task<T> task) {
    if (!task.started()) { task.start(); }
    while (!task.done()) {
        loop.turn();
    }
    return task.take();
}

}  // namespace lintel::async
