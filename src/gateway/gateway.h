// The data plane as one object: opens the listeners, runs the workers, installs snapshots.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/listener.h"
#include "async/resolver.h"
#include "async/socket.h"
#include "async/tls.h"
#include "base/clock.h"
#include "gateway/access_log.h"
#include "gateway/client_address.h"
#include "gateway/debug_call.h"
#include "gateway/limits.h"
#include "gateway/memory_watch.h"
#include "gateway/metrics.h"
#include "gateway/reserved_endpoint.h"
#include "gateway/snapshot.h"
#include "gateway/upstream/health_checker.h"
#include "http/client.h"
#include "http/server.h"

namespace lintel::gateway {

/// An address to listen on; with TLS when a context is given.
struct ListenAt {
    async::ListenAddress address;
    std::shared_ptr<const async::TlsServer> tls = nullptr;
    /// Load balancers that must say with a PROXY header whose connection they bring; nobody else
    /// may connect there.
    std::optional<std::vector<IpRange>> balancers = std::nullopt;
};

/// Gives the listening sockets of one address, one for each worker.
using OpenSockets = std::function<Result<std::vector<async::ListenSocket>>(
    const async::ListenAddress& at, std::size_t workers)>;

inline Result<std::vector<async::ListenSocket>> open_fresh_sockets(const async::ListenAddress& at,
                                                                   std::size_t workers) {
    return async::ListenSocket::open_at(at, workers);
}

/// When connections are taken from the queues of the listeners.
enum class Accepting : std::uint8_t { AtOnce, WhenTold };

struct GatewayOptions {
    std::vector<ListenAt> listen;
    OpenSockets open_sockets = open_fresh_sockets;
    Accepting accepting = Accepting::AtOnce;
    std::size_t connections = 50'000;  ///< open at once, over all workers
    http::ConnectionsPerClient connections_per_client = {};
    std::uint64_t max_in_flight = 0;  ///< requests at once, over all workers; 0 = any number
    std::uint64_t memory_budget = 0;  ///< in bytes; nearer to it work is refused; 0 = none
    std::shared_ptr<const TrustedProxies> trusted_proxies =
        std::make_shared<const TrustedProxies>();
    std::size_t workers = 0;  ///< 0 = one per core
    http::ServerOptions server = {};
    http::ClientOptions client = {};
    std::string access_log = "-";  ///< a file, "-" = standard output, empty = none
    std::string version = {};
    std::chrono::milliseconds drain_time{30'000};  ///< for requests under way when it stops
};

/// What the gateway uses and does not own. Outlives it.
struct GatewayServices {
    const Clock& clock;
    async::Resolver& resolver;
    const OutboundRules& outbound;  ///< its own listeners are added to a copy
    MetricsRegistry& metrics;
    std::vector<const ReservedEndpoint*> reserved;
};

/// Owned by app. Its functions are thread-safe and belong to the management side: none may be
/// called on a worker. Until the first snapshot is installed every request is answered 503.
class Gateway {
public:
    /// Binds the listeners and starts the workers. Code::StartFailed says which address or file
    /// cannot be used.
    static Result<std::unique_ptr<Gateway>> open(GatewayOptions options,
                                                 const GatewayServices& services);
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway();

    /// Begins to accept, if it did not at once. Connections have waited since it was opened.
    void accept();
    /// Hands the snapshot to every worker; each takes it between two turns of its loop.
    void install(std::shared_ptr<const Snapshot> snapshot);
    /// True when every worker serves this revision or a later one, false after the timeout.
    bool await_revision(std::int64_t revision, std::chrono::milliseconds timeout);
    /// The revision that every worker serves; 0 before the first.
    std::int64_t revision() const;

    /// Where it listens, in the order of the options: ports are known here also when they were 0.
    const std::vector<async::ListenAddress>& addresses() const { return addresses_; }
    /// The rules with the gateway's own listeners in them.
    const OutboundRules& outbound() const { return outbound_; }
    /// How an upstream and its servers are right now; none when it is not served.
    std::optional<UpstreamReport> upstream_report(const std::string& upstream_id) const;
    /// Takes one request through the pipeline on a snapshot of its own, and waits for the answer.
    /// Refuses with debug.busy when kMaxDebugCalls are under way.
    Result<DebugAnswer> debug(std::shared_ptr<const Snapshot> snapshot, DebugRequest request);
    /// How many calls each series of the metrics has had, by its id.
    std::vector<std::uint64_t> calls() const;
    /// The text of a Prometheus scrape.
    std::string metrics_text();
    /// Opens the access log again (rotation).
    void reopen_log();
    /// For requests from now on.
    void trust(const std::shared_ptr<const TrustedProxies>& proxies);
    /// For connections from now on.
    void set_connections_per_client(const http::ConnectionsPerClient& per_client) {
        connections_.set_per_client(per_client);
    }
    /// Returns when the access log holds every request answered before the call.
    void flush_log();
    /// Stops accepting, lets requests under way finish within the drain time, ends the workers.
    /// Called by the destructor.
    void stop();

private:
    /// Each keeps a management thread waiting: half of them stay free for others.
    static constexpr int kMaxDebugCalls = 2;

    class WorkerThread;
    struct BoundSocket {
        async::ListenSocket socket;
        http::Opening opening;  ///< points into the options
    };

    Gateway(GatewayOptions options, const GatewayServices& services);
    Status listen();
    Status start_workers();
    Status open_log();
    Status open_checker();
    std::shared_ptr<const UpstreamTable> newest_upstreams() const;
    void free_unused_snapshots();
    /// False: the workers end.
    bool begin_debug(const std::shared_ptr<DebugJob>& job);
    /// Workers get about the same share; each rounds up.
    std::uint64_t in_flight_per_worker() const {
        return (options_.max_in_flight + options_.workers - 1) / options_.workers;
    }

    GatewayOptions options_;
    GatewayServices services_;
    OutboundRules outbound_;
    http::ConnectionLimits connections_;
    MemoryPressure memory_;
    std::atomic<int> debug_calls_{0};
    std::vector<async::ListenAddress> addresses_;
    std::vector<std::vector<BoundSocket>> sockets_;  ///< by worker, until it starts
    std::vector<std::unique_ptr<WorkerThread>> workers_;
    std::unique_ptr<AccessLogWriter> log_writer_;
    std::unique_ptr<HealthChecker> checker_;

    mutable std::mutex mutex_;  ///< guards what follows
    std::condition_variable served_;
    std::vector<std::shared_ptr<const Snapshot>> snapshots_;  ///< the newest and those in use
    std::uint64_t installs_ = 0;
    TimeMs installed_at_ = 0;
    bool stopped_ = false;
};

}  // namespace lintel::gateway
