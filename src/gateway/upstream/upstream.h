// An upstream as the data plane sees it: the servers behind an http backend, how to choose among
// them and when to leave one alone. Part of the snapshot: immutable, shared by all workers. What it
// refers to as state is not part of it and outlives it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/upstream/breaker.h"
#include "gateway/upstream/retry_budget.h"
#include "gateway/upstream/server_state.h"
#include "http/client.h"

namespace lintel::gateway {

enum class Algorithm : std::uint8_t {
    RoundRobin,     ///< smooth and weighted
    LeastRequests,  ///< fewest calls under way, by weight
    SourceHash,     ///< by the client's address
    HeaderHash,     ///< by a header field, else by the client's address
    UriHash,        ///< by the path the client called
};

/// Asking a server whether it is well.
struct ActiveCheck {
    enum class Type : std::uint8_t { Tcp, Http };  ///< the origin says whether with TLS

    Type type = Type::Tcp;
    std::string method = "GET";
    std::string path = "/";
    std::string query = {};  ///< without "?"
    std::string host = {};   ///< Host field; empty = the server's address
    StatusSet statuses;
    std::chrono::milliseconds interval{10'000};
    std::chrono::milliseconds timeout{2000};
    CheckThresholds thresholds;
    bool operator==(const ActiveCheck&) const = default;
};

struct UpstreamServer {
    std::string address;       ///< as configured: "10.0.0.7:8080", "pets.internal:80"
    std::uint32_t weight = 1;  ///< 0 = drained: gets no new calls
    bool backup = false;       ///< called only when no other may be
    bool enabled = true;
    http::Origin origin;
    std::optional<http::Origin> check_origin = {};  ///< where its checks go
    std::shared_ptr<ServerState> state = nullptr;
    std::uint64_t hash = 0;  ///< of upstream and address

    bool takes_calls() const { return enabled && weight > 0; }
};

/// State of one upstream, or of an api with a backend of its own. Found by a stable id.
struct UpstreamState {
    Breaker breaker;
    RetryBudget budget;
    std::mutex ejecting;  ///< one at a time, so that never too many are out
};

struct Upstream {
    static constexpr std::size_t kMaxServers = 100;

    std::string id;
    std::string name;
    std::uint64_t edition = 0;  ///< another one for every change: tells balancers to look again
    Algorithm algorithm = Algorithm::RoundRobin;
    std::string hash_header;
    std::chrono::milliseconds slow_start{0};
    std::chrono::milliseconds connect_timeout{3000};
    http::Version version = http::Version::Http11;  ///< that all its servers speak
    std::vector<UpstreamServer> servers;
    PassiveSettings passive;
    std::optional<ActiveCheck> active;
    std::optional<BreakerSettings> breaker;
    RetryBudgetSettings budget;
    std::shared_ptr<UpstreamState> state;

    /// A call to the server failed: counts it, and ejects the server when it fails too often and
    /// not too many are ejected already.
    void note_failure(const UpstreamServer& server, std::string_view why,
                      std::uint64_t now_ms) const;
    /// Whether any server may be called.
    bool is_available(std::uint64_t now_ms) const;
};

/// An upstream as it is shown to operators.
struct UpstreamReport {
    bool available = false;
    std::optional<Breaker::State> breaker;                      ///< none: it has no breaker
    std::vector<std::pair<std::string, ServerReport>> servers;  ///< by address, in their order
};
UpstreamReport report_of(const Upstream& upstream, std::uint64_t now_ms);

/// All upstreams of a snapshot, found by their slots.
class UpstreamTable {
public:
    UpstreamTable() = default;
    /// Empty places are allowed: an upstream's slot is its own for the life of the process.
    explicit UpstreamTable(std::vector<std::shared_ptr<const Upstream>> by_slot)
        : by_slot_(std::move(by_slot)) {}

    /// Null when there is none (any more).
    const Upstream* at(std::uint32_t slot) const {
        return slot < by_slot_.size() ? by_slot_[slot].get() : nullptr;
    }
    const std::vector<std::shared_ptr<const Upstream>>& by_slot() const { return by_slot_; }

private:
    std::vector<std::shared_ptr<const Upstream>> by_slot_;
};

}  // namespace lintel::gateway
