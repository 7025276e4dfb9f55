#include "gateway/replay_guard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace lintel::gateway {
namespace {

using std::chrono::seconds;

constexpr TimeMs kNow = 1'795'163'400'000;

SignedRequest request_of(std::string_view signature, std::string_view digest = {}) {
    return {.credential_id = "crd_1",
            .signature = signature,
            .body_digest = digest,
            .date = kNow,
            .skew = seconds(900)};
}

TEST(ReplayGuard, ACopyIsRefused) {
    ReplayGuard guard;
    EXPECT_EQ(guard.admit(request_of("a"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request_of("a"), kNow), ReplayOutcome::Replayed);
    EXPECT_EQ(guard.admit(request_of("b"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.entries(), 2U);
}

TEST(ReplayGuard, CredentialsDoNotMeet) {
    ReplayGuard guard;
    SignedRequest other = request_of("a");
    other.credential_id = "crd_2";
    EXPECT_EQ(guard.admit(request_of("a"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(other, kNow), ReplayOutcome::First);
    SignedRequest shifted = request_of("1a");
    shifted.credential_id = "crd_";
    EXPECT_EQ(guard.admit(shifted, kNow), ReplayOutcome::First);
}

TEST(ReplayGuard, EqualSignaturesWithOtherBodiesAreTwoRequests) {
    ReplayGuard guard;
    EXPECT_EQ(guard.admit(request_of("a", "body 1"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request_of("a", "body 2"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request_of("a", "body 1"), kNow), ReplayOutcome::Replayed);
    EXPECT_EQ(guard.admit(request_of("a", "body 2"), kNow), ReplayOutcome::Replayed);
}

TEST(ReplayGuard, TakingTheDigestOffOrPuttingOneOnMakesNoNewRequest) {
    ReplayGuard guard;
    EXPECT_EQ(guard.admit(request_of("a", "body"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request_of("a"), kNow), ReplayOutcome::Replayed);
    EXPECT_EQ(guard.admit(request_of("b"), kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request_of("b", "body"), kNow), ReplayOutcome::Replayed);
}

TEST(ReplayGuard, RemembersAsLongAsTheDateIsGood) {
    ReplayGuard guard;
    SignedRequest early = request_of("a");
    early.date = kNow + 900'000;  // signed by a clock that is ahead
    EXPECT_EQ(guard.admit(early, kNow), ReplayOutcome::First);
    for (const TimeMs later : {900'000, 1'800'000}) {
        EXPECT_EQ(guard.admit(early, kNow + later), ReplayOutcome::Replayed) << later;
    }
    EXPECT_EQ(guard.admit(request_of("b"), kNow + 1'860'000 + 1001), ReplayOutcome::First);
}

TEST(ReplayGuard, ForgetsWhatCannotComeBack) {
    ReplayGuard guard;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(guard.admit(request_of(std::to_string(i)), kNow), ReplayOutcome::First);
    }
    SignedRequest later = request_of("later");
    later.date = kNow + 2'000'000;
    for (int i = 0; i < 1000; ++i) {
        const std::string signature = "later" + std::to_string(i);
        later.signature = signature;
        ASSERT_EQ(guard.admit(later, later.date), ReplayOutcome::First);
    }
    EXPECT_EQ(guard.entries(), 1000U);
}

TEST(ReplayGuard, ALongSkewIsRememberedLonger) {
    ReplayGuard guard;
    SignedRequest request = request_of("a");
    request.skew = seconds(86'400);
    EXPECT_EQ(guard.admit(request, kNow), ReplayOutcome::First);
    EXPECT_EQ(guard.admit(request, kNow + 86'400'000), ReplayOutcome::Replayed);
}

TEST(ReplayGuard, RefusesRatherThanForgetsWhenItIsFull) {
    ReplayGuard guard(10);
    int first = 0;
    for (int i = 0; i < 100; ++i) {
        first += guard.admit(request_of(std::to_string(i)), kNow) == ReplayOutcome::First ? 1 : 0;
    }
    EXPECT_GT(first, 0);
    EXPECT_LE(first, 10);
    EXPECT_EQ(guard.admit(request_of("new"), kNow), ReplayOutcome::Full);
}

TEST(ReplayGuard, OfRacingCopiesExactlyOneIsFirst) {
    ReplayGuard guard;
    constexpr int kThreads = 4;
    constexpr int kRequests = 10'000;
    std::atomic<int> first{0};
    std::atomic<int> replayed{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < kRequests; ++i) {
                    const std::string signature = std::to_string(i);
                    // Every second one carries a digest: the two entries count as one decision.
                    const auto outcome =
                        guard.admit(request_of(signature, i % 2 == 0 ? "" : "body"), kNow);
                    (outcome == ReplayOutcome::First ? first : replayed)++;
                }
            });
        }
    }
    EXPECT_EQ(first, kRequests);
    EXPECT_EQ(replayed, kRequests * (kThreads - 1));
}

TEST(ReplayGuard, AnEntryTakesAtMost32Bytes) {
    ReplayGuard guard;
    for (int i = 0; i < 200'000; ++i) {
        SignedRequest request = request_of({});
        const std::string signature = std::to_string(i);
        request.signature = signature;
        request.date = kNow + i % 600 * 1000;
        ASSERT_EQ(guard.admit(request, kNow), ReplayOutcome::First);
    }
    EXPECT_LE(guard.bytes() / guard.entries(), 32U);
}

}  // namespace
}  // namespace lintel::gateway
