// State of upstreams and of their servers by stable ids, and the slots and names of upstreams.
// Asked when something is compiled, never by a request.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/upstream/upstream.h"

namespace lintel::gateway {

/// Role: what survives every snapshot. Owned by the app. Thread-safe.
class UpstreamRegistry {
public:
    /// State that nothing refers to any more is kept until there is this much of it, so that
    /// stopping and starting a service resets nothing.
    static constexpr std::size_t kMaxUnused = 10'000;

    /// The same id gets the same slot for the life of the process.
    std::uint32_t slot(const std::string& id);
    /// The same id gives the same state: an upstream's, or that of an api with a backend of its
    /// own.
    std::shared_ptr<UpstreamState> state(const std::string& id);
    /// State of the server. What no snapshot knows any more begins anew: it was removed.
    std::shared_ptr<ServerState> server(const std::string& upstream_id, const std::string& address);
    /// The same origin is one object, however many APIs call it. One with a TLS client of its own
    /// is not shared: its certificate may have a new chain, which the key does not tell.
    std::shared_ptr<const http::Origin> origin(http::Origin origin);
    std::uint64_t next_edition();

    /// Which upstreams backends may name now: "pool", in the gateway "shop" "pool.shop".
    void set_names(std::map<std::string, std::uint32_t, std::less<>> slots_by_name);
    /// `gateway`: of this one; empty: of the default one.
    std::optional<std::uint32_t> find(std::string_view name, std::string_view gateway) const;
    /// "a, b, c": for the fault of somebody who named another.
    std::string names(std::string_view gateway) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint32_t> slots_;
    std::map<std::string, std::shared_ptr<UpstreamState>> states_;
    std::map<std::string, std::weak_ptr<ServerState>> servers_;         ///< by id, space, address
    std::map<std::string, std::weak_ptr<const http::Origin>> origins_;  ///< by key
    std::map<std::string, std::uint32_t, std::less<>> names_;
    std::uint64_t edition_ = 0;
    std::size_t sweep_states_at_ = kMaxUnused;
    std::size_t sweep_servers_at_ = kMaxUnused;
    std::size_t sweep_origins_at_ = kMaxUnused;
};

}  // namespace lintel::gateway
