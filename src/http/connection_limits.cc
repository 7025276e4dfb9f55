#include "http/connection_limits.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "async/turn_clock.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/mix.h"

namespace lintel::http {
namespace {

constexpr std::uint64_t kTellEveryMs = 10'000;  ///< one line about refused clients in the log

/// Clients choose their addresses, so the table must not be one whose collisions can be foreseen.
std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    const ssize_t got = ::getrandom(&seed, sizeof seed, 0);
    LINTEL_ASSERT(got == sizeof seed, "the kernel has random bytes");
    return seed;
}

/// One client of IPv6 has a whole /64 to choose addresses from.
IpAddress counted(const IpAddress& client) {
    if (client.is_v4()) { return client; }
    IpAddress::Bytes bytes = client.bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return IpAddress::from_bytes(bytes);
}

}  // namespace

std::size_t ConnectionLimits::Hash::operator()(const IpAddress& address) const {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), address.bytes().data(), sizeof halves);
    return mix(mix(halves[0] ^ seed) ^ halves[1]);
}

ConnectionLimits::ConnectionLimits(std::size_t total, ConnectionsPerClient per_client)
    : total_(total), hash_{random_seed()} {
    for (std::size_t i = 0; i < kShards; ++i) {
        shards_.push_back(std::make_unique<Shard>(hash_));
    }
    set_per_client(per_client);
}

std::optional<ConnectionLimits::Admission> ConnectionLimits::admit() {
    accepted_.fetch_add(1, std::memory_order_relaxed);
    if (closed_.load(std::memory_order_relaxed)) {
        count(Refusal::Memory);
        return std::nullopt;
    }
    if (open_.fetch_add(1, std::memory_order_relaxed) >= total_) {
        open_.fetch_sub(1, std::memory_order_relaxed);
        count(Refusal::Total);
        return std::nullopt;
    }
    return Admission(*this);
}

ConnectionLimits::Admission::~Admission() {
    if (limits_ == nullptr) { return; }
    if (client_) { limits_->release(*client_); }
    limits_->open_.fetch_sub(1, std::memory_order_relaxed);
}

bool ConnectionLimits::Admission::claim(const IpAddress& client) {
    LINTEL_ASSERT(!client_, "a connection has one client");
    return limits_->claim(client, client_);
}

ConnectionLimits::Shard& ConnectionLimits::shard_of(const IpAddress& counted_as) {
    // The upper bits: the table below uses the lower ones.
    return *shards_[(hash_(counted_as) >> 48U) % kShards];
}

bool ConnectionLimits::claim(const IpAddress& client, std::optional<IpAddress>& counted_as) {
    const IpAddress key = counted(client);
    Shard& shard = shard_of(key);
    std::size_t most = 0;
    {
        const std::scoped_lock lock(shard.mutex);
        most = shard.rules.most;
        const auto covers = [&](const IpRange& range) { return range.contains(client); };
        if (most == 0 || std::ranges::any_of(shard.rules.unlimited, covers)) { return true; }
        std::uint32_t& open = shard.open[key];
        if (open < most) {
            ++open;
            counted_as = key;
            return true;
        }
    }
    count(Refusal::PerClient);
    const std::uint64_t now_ms = async::monotonic_us() / 1000;
    std::uint64_t tell_at_ms = tell_at_ms_.load(std::memory_order_relaxed);
    if (now_ms >= tell_at_ms &&
        tell_at_ms_.compare_exchange_strong(tell_at_ms, now_ms + kTellEveryMs)) {
        log::warn("a client has as many connections as one may have; more are refused",
                  {{"client", client.to_string()}, {"most", most}});
    }
    return false;
}

void ConnectionLimits::release(const IpAddress& counted_as) {
    Shard& shard = shard_of(counted_as);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.open.find(counted_as);
    LINTEL_ASSERT(found != shard.open.end(), "what is released was claimed");
    if (--found->second == 0) { shard.open.erase(found); }
}

void ConnectionLimits::set_per_client(const ConnectionsPerClient& per_client) {
    for (const auto& shard : shards_) {
        const std::scoped_lock lock(shard->mutex);
        shard->rules = per_client;
    }
}

void ConnectionLimits::count(Refusal why) {
    refused_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
}

ConnectionLimits::Counts ConnectionLimits::counts() const {
    Counts counts{.open = open_.load(std::memory_order_relaxed),
                  .accepted = accepted_.load(std::memory_order_relaxed)};
    for (std::size_t i = 0; i < kRefusals; ++i) {
        counts.refused[i] = refused_[i].load(std::memory_order_relaxed);
    }
    return counts;
}

}  // namespace lintel::http
