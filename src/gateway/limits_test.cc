#include "gateway/limits.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

namespace lintel::gateway {
namespace {

constexpr TimeMs kOrigin = 1'700'000'000'123;

TEST(WindowCounter, AdmitsTheLimitAndSaysWhatIsLeft) {
    WindowCounter counter;
    for (int left = 2; left >= 0; --left) {
        const auto decision = counter.take(3, kOrigin, 1000, kOrigin + 400);
        EXPECT_TRUE(decision.admitted);
        EXPECT_EQ(decision.remaining, left);
        EXPECT_EQ(decision.reset_ms, 600);
    }
    const auto refused = counter.take(3, kOrigin, 1000, kOrigin + 999);
    EXPECT_FALSE(refused.admitted);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.reset_ms, 1);
}

TEST(WindowCounter, WindowsStartAtTheOriginAndCountAnew) {
    WindowCounter counter;
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, kOrigin + 999).admitted);
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin + 999).admitted);
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, kOrigin + 1000).admitted);
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin + 1999).admitted);
    // Windows without requests are skipped.
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, kOrigin + 86'400'000).admitted);
}

TEST(WindowCounter, ATimeBeforeTheOriginCountsInTheFirstWindow) {
    WindowCounter counter;
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, kOrigin - 5'000).admitted);
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin - 1).admitted);
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin + 1).admitted);
}

TEST(WindowCounter, ACallerWithAnOlderClockCountsInTheWindowAlreadyBegun) {
    WindowCounter counter;
    EXPECT_TRUE(counter.take(2, kOrigin, 1000, kOrigin + 5'000).admitted);
    EXPECT_TRUE(counter.take(2, kOrigin, 1000, kOrigin + 3'900).admitted);
    const auto late = counter.take(2, kOrigin, 1000, kOrigin + 4'900);
    EXPECT_FALSE(late.admitted);
    EXPECT_EQ(late.reset_ms, 1'100);
    EXPECT_FALSE(counter.take(2, kOrigin, 1000, kOrigin + 5'999).admitted);
    EXPECT_TRUE(counter.take(2, kOrigin, 1000, kOrigin + 6'000).admitted);
}

TEST(WindowCounter, AClockThatWasSetBackDoesNotLockCallersOutForLong) {
    WindowCounter counter;
    const TimeMs wrong = kOrigin + 86'400'000;
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, wrong).admitted);
    // The day is taken back: nothing more in this window, since its own count is not known any
    // more, but the next one is open.
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin + 500).admitted);
    EXPECT_TRUE(counter.take(1, kOrigin, 1000, kOrigin + 1'500).admitted);
    EXPECT_FALSE(counter.take(1, kOrigin, 1000, kOrigin + 1'600).admitted);
}

TEST(WindowCounter, ExactlyTheLimitIsAdmittedWhateverRaces) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 300;
    constexpr int kCallsEach = 60;
    constexpr std::int64_t kLimit = 100;
    WindowCounter counter;
    std::atomic<int> admitted{0};
    std::vector<int> per_round;
    // Each round is one window; some threads still hold a time of the window before.
    std::barrier round_end(kThreads, [&]() noexcept { per_round.push_back(admitted.exchange(0)); });
    const auto work = [&](int thread) {
        for (int round = 0; round < kRounds; ++round) {
            const TimeMs now = kOrigin + round * 1000 + (thread == 0 ? 0 : 500);
            for (int i = 0; i < kCallsEach; ++i) {
                if (counter.take(kLimit, kOrigin, 1000, now).admitted) { ++admitted; }
            }
            round_end.arrive_and_wait();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back(work, thread);
        }
    }
    EXPECT_EQ(per_round, std::vector<int>(kRounds, kLimit));
}

TEST(Counters, TheSameIdIsTheSameCounterOverPublishes) {
    Counters counters;
    EXPECT_TRUE(counters.window("a")->take(1, 0, 1000, 5).admitted);
    EXPECT_FALSE(counters.window("a")->take(1, 0, 1000, 5).admitted);
    EXPECT_TRUE(counters.window("b")->take(1, 0, 1000, 5).admitted);
}

TEST(Counters, ForgetUnusedOnesBeyondTheirNumber) {
    Counters counters;
    const auto used = counters.window("used");
    for (std::size_t i = 0; i <= Counters::kMaxUnused; ++i) {
        counters.window(fmt::format("unused {}", i));
    }
    EXPECT_LT(counters.size(), 10U);
    EXPECT_EQ(counters.window("used"), used);
}

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

TEST(OutboundRules, LinkLocalAndOwnAddressesAreRefusedWhateverIsAllowed) {
    OutboundRules rules;
    rules.own = {{.address = IpAddress(), .port = 8080},
                 {.address = address("10.0.0.5"), .port = 5432}};
    for (const std::string_view refused : {"169.254.169.254", "fe80::1", "::ffff:169.254.169.254",
                                           "64:ff9b::a9fe:a9fe", "224.0.0.1"}) {
        EXPECT_FALSE(rules.refusal_for(address(refused), 80).empty()) << refused;
    }
    EXPECT_FALSE(rules.refusal_for(address("127.0.0.1"), 8080).empty());
    EXPECT_FALSE(rules.refusal_for(address("::1"), 8080).empty());
    EXPECT_FALSE(rules.refusal_for(address("10.0.0.5"), 5432).empty());
    EXPECT_TRUE(rules.refusal_for(address("127.0.0.1"), 8081).empty());
    EXPECT_TRUE(rules.refusal_for(address("93.184.216.34"), 8080).empty());
}

TEST(OutboundRules, AListenerOnEveryAddressIsKnownByEachOfThem) {
    OutboundRules rules;
    rules.own = {{.address = IpAddress(), .port = 8080}};
    rules.local = {address("192.0.2.7")};
    EXPECT_FALSE(rules.refusal_for(address("192.0.2.7"), 8080).empty());
    EXPECT_TRUE(rules.refusal_for(address("192.0.2.7"), 80).empty());
    EXPECT_TRUE(rules.refusal_for(address("192.0.2.8"), 8080).empty());
    const auto local = addresses_of_this_machine();
    EXPECT_NE(std::ranges::find(local, address("127.0.0.1")), local.end());
}

TEST(OutboundRules, PrivateAddressesNeedTheAllowListWhenTheyAreNotAllowedByDefault) {
    OutboundRules rules{.allow_private = false,
                        .allowed = {IpRange::parse("10.1.0.0/16").value()},
                        .own = {},
                        .local = {}};
    EXPECT_TRUE(rules.refusal_for(address("10.1.2.3"), 80).empty());
    EXPECT_TRUE(rules.refusal_for(address("1.1.1.1"), 80).empty());
    for (const std::string_view refused :
         {"10.2.0.1", "127.0.0.1", "::1", "192.168.1.1", "100.64.0.1", "fd00::1", "0.0.0.0"}) {
        EXPECT_FALSE(rules.refusal_for(address(refused), 80).empty()) << refused;
    }
}

}  // namespace
}  // namespace lintel::gateway
