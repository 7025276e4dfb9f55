#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "gateway/limits.h"

namespace lintel::gateway {
namespace {

constexpr TimeMs kFirst = 1'700'000'000'123;

TEST(CallerCounters, CountsEachCallerByItself) {
    CallerCounters counters;
    for (int left = 1; left >= 0; --left) {
        const auto decision = counters.take("ada", 2, kFirst, 1000, kFirst + 400);
        EXPECT_TRUE(decision.admitted);
        EXPECT_EQ(decision.remaining, left);
        EXPECT_EQ(decision.reset_ms, 600);
    }
    EXPECT_FALSE(counters.take("ada", 2, kFirst, 1000, kFirst + 999).admitted);
    EXPECT_TRUE(counters.take("bob", 2, kFirst, 1000, kFirst + 999).admitted);
    EXPECT_TRUE(counters.take("ada", 2, kFirst, 1000, kFirst + 1000).admitted);
}

TEST(CallerCounters, AnOlderClockCountsInTheWindowAlreadyBegun) {
    CallerCounters counters;
    EXPECT_TRUE(counters.take("ada", 1, kFirst, 1000, kFirst + 5'000).admitted);
    EXPECT_FALSE(counters.take("ada", 1, kFirst, 1000, kFirst + 4'900).admitted);
}

TEST(CallerCounters, AClockThatWasSetBackNeitherAdmitsMoreNorLocksOut) {
    CallerCounters counters;
    EXPECT_TRUE(counters.take("ada", 1, kFirst, 1000, kFirst + 86'400'000).admitted);
    EXPECT_FALSE(counters.take("ada", 1, kFirst, 1000, kFirst + 500).admitted);
    EXPECT_TRUE(counters.take("ada", 1, kFirst, 1000, kFirst + 1'500).admitted);
}

TEST(CallerCounters, TellsManyCallersApartAndTakesPlacesAgain) {
    CallerCounters counters;
    for (int window = 0; window < 3; ++window) {
        for (int i = 0; i < 20'000; ++i) {
            const std::string caller = fmt::format("{} {}", window, i);
            ASSERT_TRUE(counters.take(caller, 1, kFirst, 1000, kFirst + window * 1000).admitted);
            ASSERT_FALSE(counters.take(caller, 1, kFirst, 1000, kFirst + window * 1000).admitted);
        }
    }
}

TEST(CallerCounters, WhoFindsNoPlaceIsRefusedUntilTheWindowEnds) {
    CallerCounters counters;
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < 2 * CallerCounters::kPlaces; ++i) {
        admitted += counters.take(fmt::format("{}", i), 1, kFirst, 1000, kFirst).admitted ? 1 : 0;
    }
    EXPECT_LE(admitted, CallerCounters::kPlaces);
    EXPECT_GT(admitted, CallerCounters::kPlaces * 9 / 10);
    EXPECT_TRUE(counters.take("late", 1, kFirst, 1000, kFirst + 1000).admitted);
}

TEST(CallerCounters, ExactlyTheLimitIsAdmittedWhateverRaces) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 50;
    constexpr int kCallers = 16;
    constexpr int kLimit = 30;
    CallerCounters counters;
    std::array<std::atomic<int>, kCallers> admitted{};
    bool exact = true;
    std::barrier round_end(kThreads, [&]() noexcept {
        for (auto& count : admitted) {
            exact = exact && count.exchange(0) == kLimit;
        }
    });
    const auto work = [&] {
        for (int round = 0; round < kRounds; ++round) {
            for (int i = 0; i < kCallers * kLimit; ++i) {
                const int caller = i % kCallers;
                const std::string name(1, static_cast<char>('a' + caller));
                const TimeMs now = kFirst + round * 1000;
                if (counters.take(name, kLimit, kFirst, 1000, now).admitted) {
                    ++admitted[static_cast<std::size_t>(caller)];
                }
            }
            round_end.arrive_and_wait();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back(work);
        }
    }
    EXPECT_TRUE(exact);
}

}  // namespace
}  // namespace lintel::gateway
