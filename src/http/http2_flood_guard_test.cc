#include "http/http2_flood_guard.h"

#include <gtest/gtest.h>

namespace lintel::http {
namespace {

using Kind = Http2FloodGuard::Kind;

bool counted(Http2FloodGuard& guard, Kind kind, int times, std::uint64_t now_ms) {
    bool good = true;
    for (int i = 0; i < times; ++i) {
        good = guard.count(kind, now_ms) && good;
    }
    return good;
}

TEST(Http2FloodGuard, LetsThroughWhatHappensNowAndThen) {
    Http2FloodGuard guard;
    for (std::uint64_t second = 1; second <= 60; ++second) {
        EXPECT_TRUE(counted(guard, Kind::Ping, 100, second * 1000));
    }
}

TEST(Http2FloodGuard, OneTooManyInASecondIsTooMany) {
    Http2FloodGuard guard;
    EXPECT_TRUE(counted(guard, Kind::Settings, 50, 1000));
    EXPECT_FALSE(guard.count(Kind::Settings, 1999));
    EXPECT_TRUE(guard.count(Kind::Settings, 2000));
}

TEST(Http2FloodGuard, SlowResetsAreCountedOverTheLifeOfAConnection) {
    Http2FloodGuard guard;
    for (std::uint64_t second = 1; second <= 20; ++second) {
        EXPECT_TRUE(counted(guard, Kind::Reset, 50, second * 1000));
    }
    EXPECT_FALSE(guard.count(Kind::Reset, 21'000));
}

TEST(Http2FloodGuard, KindsAreCountedApart) {
    Http2FloodGuard guard;
    EXPECT_FALSE(counted(guard, Kind::Ping, 101, 1000));
    EXPECT_TRUE(guard.count(Kind::Settings, 1000));
    EXPECT_TRUE(counted(guard, Kind::Useful, 100'000, 1000));
}

}  // namespace
}  // namespace lintel::http
