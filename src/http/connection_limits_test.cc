#include "http/connection_limits.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace lintel::http {
namespace {

using Refusal = ConnectionLimits::Refusal;

const IpAddress kAnn = IpAddress::v4(0xCB007107);
const IpAddress kBob = IpAddress::v4(0xCB007108);

std::uint64_t refused(const ConnectionLimits& limits, Refusal why) {
    return limits.counts().refused[static_cast<std::size_t>(why)];
}

TEST(ConnectionLimits, AdmitSoManyAndMakeRoomAgain) {
    ConnectionLimits limits(2);
    auto first = limits.admit();
    auto second = limits.admit();
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(limits.admit());
    EXPECT_EQ(limits.counts().open, 2U);
    EXPECT_EQ(limits.counts().accepted, 3U);
    EXPECT_EQ(refused(limits, Refusal::Total), 1U);
    first.reset();
    EXPECT_TRUE(limits.admit());
}

TEST(ConnectionLimits, CountEachClientAlone) {
    ConnectionLimits limits(100, {.most = 2});
    std::vector<ConnectionLimits::Admission> open;
    for (const auto& [client, admitted] : {std::pair(kAnn, true), std::pair(kAnn, true),
                                           std::pair(kAnn, false), std::pair(kBob, true)}) {
        auto admission = limits.admit();
        ASSERT_TRUE(admission);
        EXPECT_EQ(admission->claim(client), admitted);
        if (admitted) { open.push_back(*std::move(admission)); }
    }
    EXPECT_EQ(refused(limits, Refusal::PerClient), 1U);
    open.pop_back();
    open.pop_back();
    EXPECT_TRUE(limits.admit()->claim(kAnn));
}

TEST(ConnectionLimits, TakeTheNetworkOfAnIpv6ClientForOne) {
    ConnectionLimits limits(100, {.most = 1});
    auto admission = limits.admit();
    ASSERT_TRUE(admission->claim(*IpAddress::parse("2001:db8:1:2::7")));
    EXPECT_FALSE(limits.admit()->claim(*IpAddress::parse("2001:db8:1:2:aaaa::8")));
    EXPECT_TRUE(limits.admit()->claim(*IpAddress::parse("2001:db8:1:3::7")));
}

TEST(ConnectionLimits, DoNotHoldForProxiesNorWhenThereAreNone) {
    ConnectionLimits limits(100, {.most = 1, .unlimited = {*IpRange::parse("203.0.113.0/29")}});
    std::vector<ConnectionLimits::Admission> open;
    for (int i = 0; i < 10; ++i) {
        open.push_back(*limits.admit());
        EXPECT_TRUE(open.back().claim(kAnn));
    }
    limits.set_per_client({.most = 1});
    EXPECT_TRUE(limits.admit()->claim(kAnn));  // those before were not counted
    limits.set_per_client({.most = 0});
    for (int i = 0; i < 10; ++i) {
        open.push_back(*limits.admit());
        EXPECT_TRUE(open.back().claim(kBob));
    }
}

TEST(ConnectionLimits, AdmitNobodyWhileTheDoorsAreClosed) {
    ConnectionLimits limits(100);
    limits.close_doors(true);
    EXPECT_FALSE(limits.admit());
    EXPECT_EQ(refused(limits, Refusal::Memory), 1U);
    limits.close_doors(false);
    EXPECT_TRUE(limits.admit());
}

TEST(ConnectionLimits, AreExactOverThreads) {
    ConnectionLimits limits(1000, {.most = 10});
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&limits] {
            for (int round = 0; round < 2000; ++round) {
                std::vector<ConnectionLimits::Admission> open;
                for (int j = 0; j < 4; ++j) {
                    auto admission = limits.admit();
                    if (admission && admission->claim(kAnn)) {
                        open.push_back(*std::move(admission));
                    }
                }
            }
        });
    }
    threads.clear();
    EXPECT_EQ(limits.counts().open, 0U);
    std::vector<ConnectionLimits::Admission> open;
    for (int i = 0; i < 10; ++i) {
        open.push_back(*limits.admit());
        EXPECT_TRUE(open.back().claim(kAnn));
    }
    EXPECT_FALSE(limits.admit()->claim(kAnn));
}

}  // namespace
}  // namespace lintel::http
