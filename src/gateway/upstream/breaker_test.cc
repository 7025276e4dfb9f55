#include "gateway/upstream/breaker.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

using State = Breaker::State;
using std::chrono::milliseconds;

/// A breaker at a time, driven by events.
struct Driven {
    BreakerSettings settings{.failures = 3,
                             .percent = 0,
                             .min_calls = 4,
                             .window = milliseconds(1000),
                             .open_for = milliseconds(500),
                             .trials = 2,
                             .statuses = {}};
    Breaker breaker;
    std::uint64_t now = 10'000;

    Breaker::Admission admit() { return breaker.admit(settings, now); }
    void end(const Breaker::Admission& admission, bool failed) {
        breaker.record(settings, admission, failed, now);
    }
    void call(bool failed) { end(admit(), failed); }
    void open() {
        for (int i = 0; i < 3; ++i) {
            call(true);
        }
    }
    void half_open() {
        open();
        now += 500;
        end(admit(), false);  // one of the two trials
    }
};

TEST(Breaker, StaysClosedBelowTheCount) {
    Driven driven;
    driven.call(true);
    driven.call(true);
    for (int i = 0; i < 100; ++i) {
        driven.call(false);
    }
    EXPECT_EQ(driven.breaker.state(), State::Closed);
    driven.now += 1000;  // the two are forgotten
    driven.call(true);
    EXPECT_EQ(driven.breaker.state(), State::Closed);
    EXPECT_EQ(driven.breaker.times_opened(), 0U);
}

TEST(Breaker, OpensAtTheCountInTheWindow) {
    Driven driven;
    driven.open();
    EXPECT_EQ(driven.breaker.state(), State::Open);
    EXPECT_EQ(driven.breaker.times_opened(), 1U);
}

TEST(Breaker, OpensAtTheShareOfEnoughCalls) {
    Driven driven;
    driven.settings.failures = 0;
    driven.settings.percent = 50;
    for (int i = 0; i < 3; ++i) {
        driven.call(true);
    }
    EXPECT_EQ(driven.breaker.state(), State::Closed) << "three calls are too few to judge by";
    driven.call(false);
    EXPECT_EQ(driven.breaker.state(), State::Closed) << "a success opens nothing";
    driven.call(true);
    EXPECT_EQ(driven.breaker.state(), State::Open);
}

TEST(Breaker, RefusesWhileOpenAndSaysUntilWhen) {
    Driven driven;
    driven.open();
    driven.now += 200;
    const Breaker::Admission refused = driven.admit();
    EXPECT_FALSE(refused.admitted);
    EXPECT_EQ(refused.retry_after_ms, 300U);
    EXPECT_EQ(driven.breaker.state(), State::Open);
}

TEST(Breaker, LetsOnlyTheTrialsThroughHalfOpen) {
    Driven driven;
    driven.open();
    driven.now += 500;
    EXPECT_TRUE(driven.admit().trial);
    EXPECT_EQ(driven.breaker.state(), State::HalfOpen);
    EXPECT_TRUE(driven.admit().trial);
    const Breaker::Admission third = driven.admit();
    EXPECT_FALSE(third.admitted);
    EXPECT_EQ(third.retry_after_ms, Breaker::kTrialPauseMs);
}

TEST(Breaker, ClosesWhenAllTrialsAreGoodAndBeginsWithACleanSheet) {
    Driven driven;
    driven.half_open();
    EXPECT_EQ(driven.breaker.state(), State::HalfOpen) << "one good trial is not enough";
    driven.call(false);
    EXPECT_EQ(driven.breaker.state(), State::Closed);
    driven.call(true);
    driven.call(true);
    EXPECT_EQ(driven.breaker.state(), State::Closed) << "failures of before count no more";
}

TEST(Breaker, OpensAgainWhenOneTrialFails) {
    Driven driven;
    driven.half_open();
    driven.call(true);
    EXPECT_EQ(driven.breaker.state(), State::Open);
    EXPECT_EQ(driven.breaker.times_opened(), 2U);
    driven.now += 499;
    EXPECT_FALSE(driven.admit().admitted);
    driven.now += 1;
    EXPECT_TRUE(driven.admit().trial);
}

TEST(Breaker, GivesAnAbandonedTrialToAnother) {
    Driven driven;
    driven.open();
    driven.now += 500;
    const Breaker::Admission first = driven.admit();
    driven.admit();
    EXPECT_FALSE(driven.admit().admitted);
    driven.breaker.abandon(first);
    EXPECT_TRUE(driven.admit().trial);
}

TEST(Breaker, IsNotMovedByCallsOfEarlierTimes) {
    Driven driven;
    const Breaker::Admission from_closed = driven.admit();
    driven.open();
    driven.end(from_closed, true);
    EXPECT_EQ(driven.breaker.times_opened(), 1U);
    driven.now += 500;
    const Breaker::Admission late = driven.admit();
    driven.call(true);  // the other trial opens it again
    driven.now += 500;
    driven.admit();
    driven.end(late, true);
    EXPECT_EQ(driven.breaker.state(), State::HalfOpen)
        << "a trial of the round before decides nothing";
    driven.end(from_closed, false);
    EXPECT_EQ(driven.breaker.state(), State::HalfOpen);
    driven.breaker.abandon(late);
    EXPECT_TRUE(driven.admit().trial);
    EXPECT_FALSE(driven.admit().admitted) << "an old trial gave back a place it did not hold";
}

TEST(Breaker, TakesChangedSettingsAtOnce) {
    Driven driven;
    driven.half_open();
    driven.settings.trials = 1;
    EXPECT_TRUE(driven.admit().admitted);
    EXPECT_EQ(driven.breaker.state(), State::Closed);
}

TEST(BreakerPass, GivesTheTrialBackWhenNobodyTellsHowItEnded) {
    Driven driven;
    driven.settings.trials = 1;
    driven.open();
    driven.now += 500;
    {
        BreakerPass pass;
        pass.begin(driven.breaker, driven.admit());
        EXPECT_FALSE(driven.admit().admitted);
    }
    BreakerPass pass;
    const Breaker::Admission again = driven.admit();
    ASSERT_TRUE(again.trial);
    pass.begin(driven.breaker, again);
    pass.end(driven.settings, false, driven.now);
    EXPECT_EQ(driven.breaker.state(), State::Closed);
}

}  // namespace
}  // namespace lintel::gateway
