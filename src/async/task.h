// Task<T>: the one coroutine type of the house. Lazy, move-only, awaited once; ending one resumes
// the one that waits for it without growing the stack (symmetric transfer).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/frame_pool.h"
#include "base/assert.h"

namespace lintel {

template <typename T = void>
class Task;

namespace async {

/// What every task's promise shares. Frames come from the pool of the thread.
class TaskPromiseBase : public Pooled {
public:
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept { return Finish{}; }
    /// Nothing throws in this house (errors are values): an exception here is a programmer's error.
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

    void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }
    /// True once the body has begun to run.
    bool started() const { return started_; }
    void mark_started() { started_ = true; }

private:
    struct Finish {
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            return ended.promise().continuation_;
        }
        void await_resume() const noexcept {}
    };

    std::coroutine_handle<> continuation_ = std::noop_coroutine();
    bool started_ = false;
};

template <typename T>
class TaskPromise final : public TaskPromiseBase {
public:
    Task<T> get_return_object();
    template <typename Value>
        requires std::is_constructible_v<T, Value&&>
    void return_value(Value&& value) {
        value_.emplace(std::forward<Value>(value));
    }
    T take() {
        LINTEL_ASSERT(value_.has_value(), "a task gives its result once, after it ended");
        return *std::move(value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
public:
    Task<void> get_return_object();
    void return_void() const {}
    void take() const {}
};

}  // namespace async

/// A piece of asynchronous work. Owned by the awaiting caller (usually as a temporary of
/// `co_await f()`), used on one loop only. Destroying a task that waits cancels it: its frame and
/// the frames below unwind at the place where they wait.
template <typename T>
class [[nodiscard]] Task {
public:
    using promise_type = async::TaskPromise<T>;
    using value_type = T;

    Task() = default;
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() { reset(); }

    /// Runs to the first wait, beside the caller, who keeps the task and may await it later.
    void start() {
        LINTEL_ASSERT(handle_ && !handle_.promise().started(), "a task starts once");
        handle_.promise().mark_started();
        handle_.resume();
    }
    bool empty() const { return !handle_; }
    bool started() const { return handle_ && handle_.promise().started(); }
    bool done() const { return !handle_ || handle_.done(); }
    /// Cancels what still runs and forgets the task.
    void reset() {
        if (handle_) { std::exchange(handle_, nullptr).destroy(); }
    }
    /// The result of a started task that is done.
    T take() {
        LINTEL_ASSERT(handle_ && handle_.done(), "the task has not ended");
        return handle_.promise().take();
    }

    auto operator co_await() const noexcept {
        struct Awaiter {
            std::coroutine_handle<promise_type> handle;
            bool await_ready() const noexcept { return handle.done(); }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
                handle.promise().set_continuation(waiting);
                if (handle.promise().started()) { return std::noop_coroutine(); }
                handle.promise().mark_started();
                return handle;
            }
            T await_resume() const { return handle.promise().take(); }
        };
        return Awaiter{handle_};
    }

private:
    friend promise_type;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

    std::coroutine_handle<promise_type> handle_ = nullptr;
};

namespace async {

template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

/// Runs a task that never waits (a handler over fakes, say) to its end.
template <typename T>
T run_now(Task<T> task) {
    task.start();
    LINTEL_ASSERT(task.done(), "run_now() got a task that waits; use run_on(loop, task)");
    return task.take();
}

}  // namespace async
}  // namespace lintel
