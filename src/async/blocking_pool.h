// Threads for work that blocks (SQL, password hashing): the loops never do it
// themselves.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "async/loop.h"

namespace lintel::async {

/// A fixed number of threads and a bounded queue. Thread-safe. Running jobs post to the loops they
/// came from, so stop() it after those loops stopped turning and before they are destroyed; queued
/// jobs are dropped then.
class BlockingPool {
public:
    struct Options {
        std::size_t threads = 4;
        std::size_t queue_limit = 256;
    };
    explicit BlockingPool(Options options);
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;
    ~BlockingPool();

    /// False when the queue is full or the pool is stopping; the job is then dropped.
    bool submit(Job job);
    /// No more jobs; waits for the running ones. Called by the destructor.
    void stop();

    /// `co_await pool.run(loop, work)`: runs `work()` on a thread of the pool, then resumes on the
    /// loop. Gives Result<T> of what work returns (a Result stays as it is); refuses with
    /// Code::GatewayOverloaded when the queue is full. Cancelling the waiting task leaves the work
    /// to finish alone, so `work` must own what it uses.
    template <typename Work>
    auto run(Loop& loop, Work work);

private:
    void serve();

    const std::size_t queue_limit_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job> queue_;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

namespace detail {

template <typename T>
struct AsResult {
    using type = Result<T>;
};
template <typename T>
struct AsResult<Result<T>> {
    using type = Result<T>;
};

/// One piece of work: shared by the waiting coroutine and the pool, so that either may go first.
template <typename Work>
class [[nodiscard]] RunOp {
public:
    using Value = std::invoke_result_t<Work&>;
    using Outcome = typename AsResult<Value>::type;

    RunOp(BlockingPool& pool, Loop& loop, Work work)
        : pool_(pool), shared_(std::make_shared<Shared>(loop, std::move(work))) {}
    RunOp(const RunOp&) = delete;
    RunOp& operator=(const RunOp&) = delete;
    ~RunOp() { shared_->waiting = nullptr; }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        shared_->waiting = waiting;
        return pool_.submit([shared = shared_]() mutable {
            shared->perform();
            Loop& loop = shared->loop;
            loop.post([finished = std::move(shared)] {
                if (finished->waiting) { finished->waiting.resume(); }
            });
        });
    }
    Outcome await_resume() {
        if (!shared_->outcome) {
            return fail(Code::GatewayOverloaded, "too much work is waiting for a thread");
        }
        return *std::move(shared_->outcome);
    }

private:
    struct Shared {
        Shared(Loop& on, Work todo) : loop(on), work(std::move(todo)) {}
        void perform() {
            if constexpr (std::is_void_v<Value>) {
                (*work)();
                outcome.emplace();
            } else {
                outcome.emplace((*work)());
            }
            work.reset();
        }
        Loop& loop;
        std::optional<Work> work;
        std::optional<Outcome> outcome;
        std::coroutine_handle<> waiting = nullptr;  ///< touched on the loop only
    };

    BlockingPool& pool_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace detail

template <typename Work>
auto BlockingPool::run(Loop& loop, Work work) {
    return detail::RunOp<Work>(*this, loop, std::move(work));
}

}  // namespace lintel::async
