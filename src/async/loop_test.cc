#include "async/loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "async/blocking_pool.h"
#include "async/gate.h"
#include "async/waiter.h"

namespace lintel::async {
namespace {

std::unique_ptr<Loop> new_loop() {
    auto loop = Loop::open();
    EXPECT_TRUE(loop.has_value());
    return *std::move(loop);
}

class CountingTimer final : public Timer {
public:
    int fired = 0;

private:
    void expired() override { ++fired; }
};

TEST(DeadlineWheel, FiresOnceTheDeadlineHasPassedAndNeverEarly) {
    DeadlineWheel wheel(10'000);
    CountingTimer timer;
    wheel.arm(timer, Deadline::at(11'000));
    wheel.advance(10'999);
    EXPECT_EQ(timer.fired, 0);
    wheel.advance(11'000 + DeadlineWheel::kSlotMs);
    EXPECT_EQ(timer.fired, 1);
    wheel.advance(20'000);
    EXPECT_EQ(timer.fired, 1);
}

TEST(DeadlineWheel, FollowsADeadlineThatMovesLaterOrEarlier) {
    DeadlineWheel wheel(0);
    CountingTimer later;
    CountingTimer earlier;
    wheel.arm(later, Deadline::at(1'000));
    wheel.arm(later, Deadline::at(5'000));
    wheel.arm(earlier, Deadline::at(60'000));
    wheel.arm(earlier, Deadline::at(1'000));
    wheel.advance(2'000);
    EXPECT_EQ(later.fired, 0);
    EXPECT_EQ(earlier.fired, 1);
    wheel.advance(6'000);
    EXPECT_EQ(later.fired, 1);
}

TEST(DeadlineWheel, KeepsDeadlinesFartherThanItsWidth) {
    DeadlineWheel wheel(0);
    CountingTimer timer;
    wheel.arm(timer, Deadline::at(1'000'000));
    for (std::uint64_t now = 0; now < 1'000'000; now += 200) {
        wheel.advance(now);
    }
    EXPECT_EQ(timer.fired, 0);
    wheel.advance(1'000'512);
    EXPECT_EQ(timer.fired, 1);
}

TEST(DeadlineWheel, SurvivesAnEntryThatIsDestroyedOrDisarmed) {
    DeadlineWheel wheel(0);
    CountingTimer disarmed;
    {
        CountingTimer gone;
        wheel.arm(gone, Deadline::at(500));
    }
    wheel.arm(disarmed, Deadline::at(500));
    disarmed.disarm();
    wheel.advance(2'000);
    EXPECT_EQ(disarmed.fired, 0);
}

TEST(DeadlineWheel, SaysHowLongAPollMaySleep) {
    DeadlineWheel wheel(0);
    EXPECT_EQ(wheel.wait_ms(0), -1);
    CountingTimer timer;
    wheel.arm(timer, Deadline::at(1'000));
    const int wait = wheel.wait_ms(100);
    EXPECT_GE(wait, 900);
    EXPECT_LE(wait, 900 + static_cast<int>(DeadlineWheel::kSlotMs));
    wheel.advance(40'000);
    wheel.arm(timer, Deadline::at(50'000));
    EXPECT_GE(wheel.wait_ms(40'000), 10'000);
}

TEST(Loop, RunsPostedJobsInOrderOnItsOwnThread) {
    const auto loop = new_loop();
    std::vector<int> order;
    const std::thread::id here = std::this_thread::get_id();
    std::jthread other([&] {
        for (int i = 0; i < 1000; ++i) {
            loop->post([&order, i, here] {
                EXPECT_EQ(std::this_thread::get_id(), here);
                order.push_back(i);
            });
        }
        loop->post([&] { loop->stop(); });
    });
    loop->run();
    ASSERT_EQ(order.size(), 1000U);
    EXPECT_TRUE(std::ranges::is_sorted(order));
}

Task<int> hop(Loop& loop) {
    co_await loop.next_turn();
    co_return 5;
}
TEST(Loop, ResumesDeferredWorkInTheNextTurn) {
    const auto loop = new_loop();
    EXPECT_EQ(run_on(*loop, hop(*loop)), 5);
}

Task<int> wait_until(Loop& loop, Deadline deadline) {
    Waiter waiter(loop);
    co_return co_await waiter.until(deadline);
}
TEST(Waiter, EndsAtItsDeadline) {
    const auto loop = new_loop();
    const std::uint64_t begun = loop->now_ms();
    EXPECT_EQ(run_on(*loop, wait_until(*loop, loop->after(std::chrono::milliseconds(50)))),
              -ETIMEDOUT);
    EXPECT_GE(loop->now_ms(), begun + 50);
}

Task<void> wait_for(Waiter& waiter, int& outcome) {
    outcome = co_await waiter.until(Deadline::never());
}
TEST(Waiter, EndsWhenItIsWokenBeforeOrDuringTheWait) {
    const auto loop = new_loop();
    Waiter waiter(*loop);
    int outcome = 1;
    waiter.wake();
    run_now(wait_for(waiter, outcome));
    EXPECT_EQ(outcome, 0);
    Task<void> waiting = wait_for(waiter, outcome);
    waiting.start();
    EXPECT_FALSE(waiting.done());
    waiter.cancel(-ECANCELED);
    EXPECT_TRUE(waiting.done());
    EXPECT_EQ(outcome, -ECANCELED);
}

TEST(Waiter, ForgetsACancelledCoroutine) {
    const auto loop = new_loop();
    Waiter waiter(*loop);
    int outcome = 1;
    {
        Task<void> waiting = wait_for(waiter, outcome);
        waiting.start();
    }
    waiter.wake();
    EXPECT_EQ(outcome, 1);
}

TEST(Gate, WaitsForEveryTaskAndAdmitsNoneOnceClosed) {
    const auto loop = new_loop();
    Gate gate(*loop);
    Waiter first(*loop);
    Waiter second(*loop);
    int outcome = 1;
    EXPECT_TRUE(gate.spawn(wait_for(first, outcome)));
    EXPECT_TRUE(gate.spawn(wait_for(second, outcome)));
    Task<int> closed = gate.closed(Deadline::never());
    closed.start();
    EXPECT_FALSE(gate.spawn(wait_for(first, outcome)));
    first.wake();
    EXPECT_FALSE(closed.done());
    second.wake();
    ASSERT_TRUE(closed.done());
    EXPECT_EQ(closed.take(), 0);
}

Task<std::vector<std::string>> use_pool(BlockingPool& pool, Loop& loop) {
    std::vector<std::string> said;
    const std::thread::id here = std::this_thread::get_id();
    auto number = co_await pool.run(loop, [here] {
        EXPECT_NE(std::this_thread::get_id(), here);
        return 42;
    });
    EXPECT_EQ(std::this_thread::get_id(), here);
    said.push_back(number ? std::to_string(*number) : "refused");
    auto failing = co_await pool.run(
        loop, []() -> Result<std::string> { return fail(Code::NotFound, "nothing there"); });
    said.push_back(failing ? *failing : failing.error().message);
    const Status nothing = co_await pool.run(loop, [] {});
    said.push_back(nothing ? "done" : "refused");
    co_return said;
}
TEST(BlockingPool, RunsWorkElsewhereAndResumesOnTheLoop) {
    const auto loop = new_loop();
    BlockingPool pool({.threads = 2, .queue_limit = 4});
    EXPECT_EQ(run_on(*loop, use_pool(pool, *loop)),
              (std::vector<std::string>{"42", "nothing there", "done"}));
}

Task<Code> try_pool(BlockingPool& pool, Loop& loop) {
    const Status done = co_await pool.run(loop, [] {});
    co_return done ? Code::NotFound : done.error().code;
}
TEST(BlockingPool, RefusesWhenItsQueueIsFull) {
    const auto loop = new_loop();
    BlockingPool pool({.threads = 0, .queue_limit = 1});
    ASSERT_TRUE(pool.submit([] {}));
    EXPECT_EQ(run_now(try_pool(pool, *loop)), Code::GatewayOverloaded);
}

}  // namespace
}  // namespace lintel::async
