#include "async/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace lintel {
namespace {

Task<int> number(int value) {
    co_return value;
}

Task<int> sum(int count) {
    int total = 0;
    for (int i = 0; i < count; ++i) {
        total += co_await number(1);
    }
    co_return total;
}

/// A hand-operated wait.
struct Signal {
    std::coroutine_handle<> waiting;
    int destroyed = 0;
};
struct Wait {
    Signal& signal;
    explicit Wait(Signal& of) : signal(of) {}
    ~Wait() { ++signal.destroyed; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const { signal.waiting = handle; }
    void await_resume() const {}
};
Task<std::string> wait_then_say(Signal& signal, std::string text) {
    co_await Wait(signal);
    co_return text;
}
Task<void> keep(Signal& signal, std::vector<std::string>& heard) {
    heard.push_back(co_await wait_then_say(signal, "done"));
}

TEST(Task, GivesItsResultToTheOneThatAwaitsIt) {
    EXPECT_EQ(async::run_now(sum(3)), 3);
}

TEST(Task, DoesNothingBeforeItIsAwaited) {
    Signal signal;
    std::vector<std::string> heard;
    const Task<void> task = keep(signal, heard);
    EXPECT_EQ(signal.waiting, nullptr);
}

TEST(Task, DoesNotGrowTheStackOverAMillionAwaits) {
    EXPECT_EQ(async::run_now(sum(1'000'000)), 1'000'000);
}

TEST(Task, StartedBesideItsOwnerItCanBeAwaitedLater) {
    Signal signal;
    std::vector<std::string> heard;
    Task<void> task = keep(signal, heard);
    task.start();
    EXPECT_FALSE(task.done());
    signal.waiting.resume();
    EXPECT_TRUE(task.done());
    EXPECT_EQ(heard, std::vector<std::string>{"done"});
}

TEST(Task, CancelledWhileItWaitsUnwindsTheFramesBelow) {
    Signal signal;
    std::vector<std::string> heard;
    {
        Task<void> task = keep(signal, heard);
        task.start();
        EXPECT_EQ(signal.destroyed, 0);
    }
    EXPECT_EQ(signal.destroyed, 1);
    EXPECT_TRUE(heard.empty());
}

Task<std::unique_ptr<int>> boxed(int value) {
    co_return std::make_unique<int>(value);
}
TEST(Task, CarriesResultsThatCanOnlyBeMoved) {
    EXPECT_EQ(*async::run_now(boxed(7)), 7);
}

}  // namespace
}  // namespace lintel
