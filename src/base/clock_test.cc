#include "base/clock.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

constexpr TimeMs kFriday = 1'795'163'400'000;  // 2026-11-20 08:30:00 UTC

TEST(Clock, WritesRfc3339WithMilliseconds) {
    EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(kFriday + 7), "2026-11-20T08:30:00.007Z");
    EXPECT_EQ(to_rfc3339(951'782'400'000), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ReadsRfc3339InItsForms) {
    EXPECT_EQ(parse_rfc3339("2026-11-20T08:30:00Z"), kFriday);
    EXPECT_EQ(parse_rfc3339("2026-11-20t08:30:00z"), kFriday);
    EXPECT_EQ(parse_rfc3339("2026-11-20T08:30:00.5Z"), kFriday + 500);
    EXPECT_EQ(parse_rfc3339("2026-11-20T08:30:00.123456789Z"), kFriday + 123);
    EXPECT_EQ(parse_rfc3339("2026-11-20T10:30:00+02:00"), kFriday);
    EXPECT_EQ(parse_rfc3339("2026-11-20T03:00:00-05:30"), kFriday);
}

TEST(Clock, CountsALeapSecondAsTheLastOrdinaryOne) {
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2016-12-31T23:59:59Z"));
}

TEST(Clock, RefusesWhatIsNotRfc3339) {
    for (const auto* text :
         {"", "2026-11-20", "2026-11-20 08:30:00Z", "2026-11-20T08:30:00", "2026-11-20T08:30:00.Z",
          "2026-11-20T08:30:00+0200", "2026-11-20T08:30:00Zx", "2026-13-20T08:30:00Z",
          "2026-02-29T08:30:00Z", "2026-11-20T24:30:00Z", "2026-11-20T08:60:00Z",
          "2026-11-20T08:30:61Z", "+026-11-20T08:30:00Z", "2026-11-20T08:30:00+24:00"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(Clock, Rfc3339ReadsBackWhatItWrote) {
    for (TimeMs time = 1; time < 4'000'000'000'000; time += 86'400'000LL * 97 + 12'345'678) {
        EXPECT_EQ(parse_rfc3339(to_rfc3339(time)), time);
    }
}

TEST(Clock, WritesAndReadsImfFixdate) {
    EXPECT_EQ(to_imf_fixdate(kFriday), "Fri, 20 Nov 2026 08:30:00 GMT");
    EXPECT_EQ(parse_imf_fixdate("Fri, 20 Nov 2026 08:30:00 GMT"), kFriday);
    EXPECT_EQ(parse_imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777'000);
}

TEST(Clock, RefusesEveryOtherDateForm) {
    for (const auto* text : {
             "Thu, 20 Nov 2026 08:30:00 GMT",    // wrong weekday
             "Fri, 20 Nov 2026 08:30:00 UTC",    // wrong zone
             "fri, 20 Nov 2026 08:30:00 GMT",    // names have one case
             "Fri, 20 nov 2026 08:30:00 GMT",    // names have one case
             "Friday, 20-Nov-26 08:30:00 GMT",   // the obsolete form of RFC 850
             "Fri Nov 20 08:30:00 2026",         // asctime
             "Fri, 20 Nov 2026 8:30:00 GMT",     // one digit
             "Fri,  20 Nov 2026 08:30:00 GMT",   // two spaces
             " Fri, 20 Nov 2026 08:30:00 GMT",   // leading space
             "Fri, 20 Nov 2026 08:30:60 GMT",    // no such second
             "Fri, 31 Nov 2026 08:30:00 GMT",    // no such day
             "Fri, 20 Nov 2026 08:30:00 GMT\n",  // trailing byte
             "",
         }) {
        EXPECT_EQ(parse_imf_fixdate(text), std::nullopt) << text;
    }
}

TEST(Clock, EveryByteOfAnImfFixdateCounts) {
    const std::string date = "Fri, 20 Nov 2026 08:30:00 GMT";
    for (std::size_t i = 0; i < date.size(); ++i) {
        std::string other = date;
        other[i] = '~';
        EXPECT_EQ(parse_imf_fixdate(other), std::nullopt) << other;
    }
}

TEST(Clock, FakeClockStandsStillUntilItIsMoved) {
    FakeClock clock(kFriday);
    EXPECT_EQ(clock.now_ms(), kFriday);
    clock.advance(std::chrono::seconds(2));
    EXPECT_EQ(clock.now_ms(), kFriday + 2000);
    clock.set(5);
    EXPECT_EQ(clock.now_ms(), 5);
}

TEST(Clock, SystemClockTellsTheTimeOfTheKernel) {
    timespec before{};
    timespec after{};
    clock_gettime(CLOCK_REALTIME, &before);
    const TimeMs now = SystemClock().now_ms();
    clock_gettime(CLOCK_REALTIME, &after);
    EXPECT_GE(now, before.tv_sec * 1000 + before.tv_nsec / 1'000'000);
    EXPECT_LE(now, after.tv_sec * 1000 + after.tv_nsec / 1'000'000);
}

}  // namespace
}  // namespace lintel
