#include "gateway/upstream/balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace lintel::gateway {
namespace {

constexpr std::uint64_t kStart = 100'000;

/// An upstream of servers "a", "b", ... with these weights.
Upstream upstream_of(const std::vector<std::uint32_t>& weights,
                     Algorithm algorithm = Algorithm::RoundRobin) {
    static std::uint64_t edition = 0;
    Upstream upstream;
    upstream.edition = ++edition;
    upstream.algorithm = algorithm;
    for (const std::uint32_t weight : weights) {
        const std::string address(1, static_cast<char>('a' + upstream.servers.size()));
        upstream.servers.push_back({.address = address,
                                    .weight = weight,
                                    .origin = http::Origin(address, 80),
                                    .check_origin = {},
                                    .state = std::make_shared<ServerState>(),
                                    .hash = balancing_key("pets " + address)});
    }
    return upstream;
}

std::string picks(Balancer& balancer, const Upstream& upstream, int count,
                  std::uint64_t now = kStart) {
    std::string sequence;
    for (int i = 0; i < count; ++i) {
        const auto at = balancer.pick(upstream, 0, {}, now);
        sequence += at ? upstream.servers[*at].address : "-";
    }
    return sequence;
}

void take_down(const UpstreamServer& server) {
    server.state->note_check({.healthy = 1, .unhealthy = 1}, false, "", kStart);
}

TEST(RoundRobin, GoesSmoothlyByWeight) {
    Balancer balancer;
    const Upstream upstream = upstream_of({5, 1, 1});
    EXPECT_EQ(picks(balancer, upstream, 14), "aabacaaaabacaa");
    Balancer equal;
    EXPECT_EQ(picks(equal, upstream_of({1, 1, 1}), 6), "abcabc");
    Balancer two_to_one;
    EXPECT_EQ(picks(two_to_one, upstream_of({200, 100}), 6), "abaaba");
}

TEST(RoundRobin, LeavesOutWhatIsDrainedDisabledOrUnwell) {
    Balancer balancer;
    Upstream upstream = upstream_of({1, 0, 1, 1, 1});
    upstream.servers[2].enabled = false;
    take_down(upstream.servers[3]);
    EXPECT_EQ(picks(balancer, upstream, 4), "aeae");
    upstream.servers[4].state->eject({}, kStart);
    EXPECT_EQ(picks(balancer, upstream, 2), "aa");
    take_down(upstream.servers[0]);
    EXPECT_EQ(picks(balancer, upstream, 1), "-");
}

TEST(RoundRobin, CallsABackupOnlyWhenNoOtherIsLeft) {
    Balancer balancer;
    Upstream upstream = upstream_of({1, 1, 1});
    upstream.servers[2].backup = true;
    EXPECT_EQ(picks(balancer, upstream, 4), "abab");
    take_down(upstream.servers[0]);
    EXPECT_EQ(picks(balancer, upstream, 2), "bb");
    take_down(upstream.servers[1]);
    EXPECT_EQ(picks(balancer, upstream, 2), "cc");
    ServerSet tried;
    tried.set(2);
    EXPECT_FALSE(balancer.pick(upstream, 0, tried, kStart).has_value());
}

TEST(RoundRobin, KeepsItsPlaceOverAChangeOfTheUpstream) {
    Balancer balancer;
    Upstream upstream = upstream_of({1, 1, 1});
    EXPECT_EQ(picks(balancer, upstream, 1), "a");
    upstream.edition += 1000;
    EXPECT_EQ(picks(balancer, upstream, 2), "bc");
    upstream.servers.erase(upstream.servers.begin());
    upstream.edition += 1000;
    EXPECT_EQ(picks(balancer, upstream, 2), "bc");
}

TEST(RoundRobin, DoesNotRepeatAServerThatWasTried) {
    Balancer balancer;
    const Upstream upstream = upstream_of({1, 1});
    ServerSet tried;
    tried.set(0);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(balancer.pick(upstream, 0, tried, kStart), 1U);
    }
}

TEST(SlowStart, GivesAServerMoreAndMoreOfItsShare) {
    Balancer balancer;
    Upstream upstream = upstream_of({1, 1});
    upstream.slow_start = std::chrono::milliseconds(10'000);
    upstream.servers[1].state->join(kStart);
    const auto share_at = [&](std::uint64_t after) {
        Balancer fresh;
        const std::string sequence = picks(fresh, upstream, 1100, kStart + after);
        return std::ranges::count(sequence, 'b');
    };
    EXPECT_EQ(share_at(0), 100);       // a tenth at least: 100 of 1000 + 100
    EXPECT_EQ(share_at(500), 100);     // still the floor
    EXPECT_EQ(share_at(5'000), 367);   // half of a weight
    EXPECT_EQ(share_at(10'000), 550);  // all of it
    EXPECT_EQ(share_at(60'000), 550);
}

TEST(LeastRequests, GoesToTheLeastBusyByWeight) {
    Balancer balancer;
    const Upstream upstream = upstream_of({1, 1, 2}, Algorithm::LeastRequests);
    for (int i = 0; i < 2; ++i) {
        upstream.servers[0].state->begin_call();
    }
    upstream.servers[1].state->begin_call();
    upstream.servers[2].state->begin_call();  // 2/2 beats 2/1
    EXPECT_EQ(picks(balancer, upstream, 3), "ccc");
    upstream.servers[2].state->begin_call();
    upstream.servers[2].state->begin_call();
    EXPECT_EQ(picks(balancer, upstream, 3), "cbc") << "4/2 and 2/1 are the same: in turn";
}

TEST(LeastRequests, GoesInTurnAmongEquals) {
    Balancer balancer;
    EXPECT_EQ(picks(balancer, upstream_of({1, 1, 1}, Algorithm::LeastRequests), 6), "abcabc");
}

std::vector<std::size_t> owners(const Upstream& upstream, int keys) {
    Balancer balancer;
    std::vector<std::size_t> owner;
    for (int key = 0; key < keys; ++key) {
        const std::uint64_t hash = balancing_key("key " + std::to_string(key));
        owner.push_back(*balancer.pick(upstream, hash, {}, kStart));
    }
    return owner;
}

TEST(ConsistentHash, MovesOnlyTheKeysOfTheServerThatLeft) {
    constexpr int kKeys = 10'000;
    const Upstream upstream = upstream_of({1, 1, 1, 1, 1}, Algorithm::SourceHash);
    const auto before = owners(upstream, kKeys);
    Upstream without = upstream;
    without.servers[2].enabled = false;
    const auto after = owners(without, kKeys);
    int moved = 0;
    for (int key = 0; key < kKeys; ++key) {
        const auto at = static_cast<std::size_t>(key);
        moved += before[at] != after[at] ? 1 : 0;
        if (before[at] != 2) { ASSERT_EQ(before[at], after[at]) << "a key moved for nothing"; }
    }
    EXPECT_NEAR(moved, kKeys / 5, kKeys / 50);
    EXPECT_EQ(owners(upstream, kKeys), before) << "when it is back, so are its keys";
}

TEST(ConsistentHash, SharesKeysByWeight) {
    constexpr int kKeys = 12'000;
    const auto owner = owners(upstream_of({1, 2, 3}, Algorithm::UriHash), kKeys);
    for (const std::size_t server : {0U, 1U, 2U}) {
        const auto share = static_cast<std::size_t>(std::ranges::count(owner, server));
        EXPECT_NEAR(static_cast<double>(share), 2000.0 * static_cast<double>(server + 1), 250.0);
    }
}

TEST(ConsistentHash, SendsARetryToAnother) {
    const Upstream upstream = upstream_of({1, 1, 1}, Algorithm::HeaderHash);
    Balancer balancer;
    const auto first = balancer.pick(upstream, 42, {}, kStart);
    ServerSet tried;
    tried.set(*first);
    const auto second = balancer.pick(upstream, 42, tried, kStart);
    EXPECT_NE(first, second);
    EXPECT_EQ(balancer.pick(upstream, 42, tried, kStart), second);
}

}  // namespace
}  // namespace lintel::gateway
