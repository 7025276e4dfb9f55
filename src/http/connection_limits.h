// How many connections a server takes, in all and from one client. Shared by the workers: touched
// when a connection comes and when it goes, never by a request.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ip_address.h"

namespace lintel::http {

/// What one client may have open at once.
struct ConnectionsPerClient {
    std::size_t most = 0;                 ///< of one address (IPv6: of one /64); 0 = any number
    std::vector<IpRange> unlimited = {};  ///< many clients come by these: reverse proxies
};

/// Role: counts connections and turns those beyond the limits away. Owner: the Gateway, or the
/// server of the management API; outlives the servers that use it. Thread-safe.
class ConnectionLimits {
public:
    enum class Refusal : std::uint8_t { Total, PerClient, Memory, ProxyHeader };
    static constexpr std::size_t kRefusals = 4;

    /// What an open connection holds; letting go of it makes room for another.
    class Admission {
    public:
        Admission(Admission&& other) noexcept
            : limits_(std::exchange(other.limits_, nullptr)),
              client_(std::exchange(other.client_, std::nullopt)) {}
        Admission& operator=(Admission&&) = delete;
        ~Admission();

        /// Counts the connection as one of this client's. False when he has as many as he may.
        /// Once.
        bool claim(const IpAddress& client);

    private:
        friend class ConnectionLimits;
        explicit Admission(ConnectionLimits& limits) : limits_(&limits) {}

        ConnectionLimits* limits_;
        std::optional<IpAddress> client_;  ///< as it is counted
    };

    struct Counts {
        std::uint64_t open = 0;
        std::uint64_t accepted = 0;
        std::array<std::uint64_t, kRefusals> refused{};
    };

    explicit ConnectionLimits(std::size_t total, ConnectionsPerClient per_client = {});
    ConnectionLimits(const ConnectionLimits&) = delete;
    ConnectionLimits& operator=(const ConnectionLimits&) = delete;

    /// A place for a connection that was just accepted; nothing when all are taken.
    std::optional<Admission> admit();
    /// Notes that a connection was turned away for another reason than admit() and claim() have.
    void refused(Refusal why) { count(why); }
    /// For connections from now on.
    void set_per_client(const ConnectionsPerClient& per_client);
    /// While true nobody is admitted: memory is short.
    void close_doors(bool closed) { closed_.store(closed, std::memory_order_relaxed); }

    Counts counts() const;

private:
    struct Hash {
        std::uint64_t seed;
        std::size_t operator()(const IpAddress& address) const;
    };
    /// A part of the clients, so that workers seldom wait for each other.
    struct Shard {
        explicit Shard(Hash hash) : open(0, hash) {}
        std::mutex mutex;
        ConnectionsPerClient rules;
        std::unordered_map<IpAddress, std::uint32_t, Hash> open;
    };
    static constexpr std::size_t kShards = 16;

    Shard& shard_of(const IpAddress& counted_as);
    bool claim(const IpAddress& client, std::optional<IpAddress>& counted_as);
    void release(const IpAddress& counted_as);
    void count(Refusal why);

    const std::size_t total_;
    const Hash hash_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::atomic<bool> closed_{false};
    std::atomic<std::uint64_t> open_{0};
    std::atomic<std::uint64_t> accepted_{0};
    std::array<std::atomic<std::uint64_t>, kRefusals> refused_{};
    std::atomic<std::uint64_t> tell_at_ms_{0};
};

}  // namespace lintel::http
