#include "gateway/upstream/balancer.h"

#include <algorithm>
#include <cmath>

#include "base/mix.h"

namespace lintel::gateway {
namespace {

/// Weights are in thousandths, so that a server in its slow start can have a part of one.
constexpr std::int64_t kFull = 1000;
constexpr std::int64_t kSlowStartFloor = 100;

std::int64_t weight_now(const Upstream& upstream, const UpstreamServer& server,
                        std::uint64_t now_ms) {
    const std::int64_t weight = server.weight;
    if (upstream.slow_start.count() == 0) { return weight * kFull; }
    const std::uint64_t since_ms = server.state->available_since_ms();
    if (since_ms == 0 || now_ms < since_ms) { return weight * kFull; }
    const auto well_for = static_cast<std::int64_t>(now_ms - since_ms);
    if (well_for >= upstream.slow_start.count()) { return weight * kFull; }
    return weight * std::max(kSlowStartFloor, kFull * well_for / upstream.slow_start.count());
}

}  // namespace

std::uint64_t balancing_key(std::string_view text) {
    // FNV-1a, then mixed: its high bits alone are weak for short texts.
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return mix(hash);
}

std::optional<std::size_t> Balancer::pick(const Upstream& upstream, std::uint64_t key,
                                          const ServerSet& tried, std::uint64_t now_ms) {
    if (edition_ != upstream.edition) { adopt(upstream); }
    if (!weigh(upstream, false, tried, now_ms) && !weigh(upstream, true, tried, now_ms)) {
        return std::nullopt;
    }
    switch (upstream.algorithm) {
        case Algorithm::RoundRobin: return next_in_turn();
        case Algorithm::LeastRequests: return least_busy(upstream);
        case Algorithm::SourceHash:
        case Algorithm::HeaderHash:
        case Algorithm::UriHash: break;
    }
    return owner_of(upstream, key);
}

void Balancer::adopt(const Upstream& upstream) {
    std::vector<Position> positions;
    positions.reserve(upstream.servers.size());
    for (const UpstreamServer& server : upstream.servers) {
        const auto before = std::ranges::find(positions_, server.state.get(), &Position::server);
        positions.push_back({.server = server.state.get(),
                             .current = before == positions_.end() ? 0 : before->current});
    }
    positions_ = std::move(positions);
    edition_ = upstream.edition;
}

bool Balancer::weigh(const Upstream& upstream, bool backups, const ServerSet& tried,
                     std::uint64_t now_ms) {
    bool any = false;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        const UpstreamServer& server = upstream.servers[i];
        const bool candidate = server.backup == backups && server.takes_calls() && !tried[i] &&
                               server.state->is_available(now_ms);
        positions_[i].weight = candidate ? weight_now(upstream, server, now_ms) : 0;
        any = any || candidate;
    }
    return any;
}

/// Each server gains its weight, the richest is chosen and pays the sum of all: the heavy ones come
/// often, but not in a row.
std::size_t Balancer::next_in_turn() {
    std::int64_t total = 0;
    Position* chosen = nullptr;
    for (Position& position : positions_) {
        if (position.weight == 0) { continue; }
        position.current += position.weight;
        total += position.weight;
        if (chosen == nullptr || position.current > chosen->current) { chosen = &position; }
    }
    chosen->current -= total;
    return static_cast<std::size_t>(chosen - positions_.data());
}

/// Only the least busy by weight stay candidates; among those it goes in turn.
std::size_t Balancer::least_busy(const Upstream& upstream) {
    const Position* least = nullptr;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        Position& position = positions_[i];
        if (position.weight == 0) { continue; }
        // Read once: others change it while one looks.
        position.calls = upstream.servers[i].state->in_flight() + std::int64_t{1};
        if (least == nullptr || position.calls * least->weight < least->calls * position.weight) {
            least = &position;
        }
    }
    const Position best = *least;
    for (Position& position : positions_) {
        if (position.calls * best.weight > best.calls * position.weight) { position.weight = 0; }
    }
    return next_in_turn();
}

/// Rendezvous hashing: every server draws a number for the key, the lowest wins. When a server
/// leaves, only its own keys move.
std::size_t Balancer::owner_of(const Upstream& upstream, std::uint64_t key) const {
    constexpr double kDraws = 18446744073709551616.0;  // 2^64
    std::size_t owner = 0;
    double lowest = INFINITY;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (positions_[i].weight == 0) { continue; }
        const std::uint64_t number = mix(key ^ upstream.servers[i].hash);
        const double draw = (static_cast<double>(number) + 1.0) / (kDraws + 2.0);
        // The slow start is left out on purpose: it would move keys twice.
        const double drawn = -std::log(draw) / static_cast<double>(upstream.servers[i].weight);
        if (drawn < lowest) {
            lowest = drawn;
            owner = i;
        }
    }
    return owner;
}

}  // namespace lintel::gateway
