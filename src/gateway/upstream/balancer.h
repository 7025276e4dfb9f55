// Chooses the server for a call. One balancer per upstream and worker: positions are the worker's
// own, what is known about servers is shared.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/upstream/upstream.h"

namespace lintel::gateway {

/// Servers by their place in the upstream.
using ServerSet = std::bitset<Upstream::kMaxServers>;

/// The key of a consistent hash. The same on every node.
std::uint64_t balancing_key(std::string_view text);

/// Role: positions in the rotation. Owned by its worker; kept over every change of the upstream by
/// server, so that a change of one does not begin the rotation anew.
class Balancer {
public:
    /// A server that may be called and is not in `tried`; a backup only when no other is left.
    /// nullopt when there is none. `key` is what hashes choose by.
    std::optional<std::size_t> pick(const Upstream& upstream, std::uint64_t key,
                                    const ServerSet& tried, std::uint64_t now_ms);

private:
    struct Position {
        const ServerState* server;  ///< compared, never followed: it may be gone
        std::int64_t current = 0;   ///< of the smooth rotation
        std::int64_t weight = 0;    ///< for the pick at hand; 0 = not a candidate
        std::int64_t calls = 0;     ///< for the pick at hand: under way, with the one to come
    };

    void adopt(const Upstream& upstream);
    /// Fills the weights of the candidates of one rank. False when there is none.
    bool weigh(const Upstream& upstream, bool backups, const ServerSet& tried,
               std::uint64_t now_ms);
    std::size_t next_in_turn();
    std::size_t least_busy(const Upstream& upstream);
    std::size_t owner_of(const Upstream& upstream, std::uint64_t key) const;

    std::uint64_t edition_ = 0;
    std::vector<Position> positions_;  ///< in the order of the servers
};

}  // namespace lintel::gateway
