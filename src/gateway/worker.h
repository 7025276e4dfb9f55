// One worker: a loop on a thread of its own and all that its requests use. Workers share nothing
// that a request writes, except the counters of limits.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "async/loop.h"
#include "base/clock.h"
#include "gateway/access_log.h"
#include "gateway/client_address.h"
#include "gateway/memory_watch.h"
#include "gateway/metrics.h"
#include "gateway/request_id.h"
#include "gateway/snapshot.h"
#include "gateway/upstream/balancer.h"
#include "http/handler.h"

namespace lintel::http {
class ClientPool;
}

namespace lintel::gateway {

class Exchange;
class ReservedEndpoint;
class Worker;

/// A snapshot as one worker holds it.
struct HeldSnapshot {
    const Snapshot* snapshot = nullptr;
    std::uint64_t pins = 0;
};

/// Keeps a snapshot for one exchange. A plain number on the worker's own memory, so taking one
/// costs nothing; therefore it never leaves the worker: it cannot be copied or moved, and what it
/// gives cannot outlive it unnoticed (a temporary gives nothing).
class SnapshotPin {
public:
    SnapshotPin(const SnapshotPin&) = delete;
    SnapshotPin& operator=(const SnapshotPin&) = delete;
    ~SnapshotPin();

    const Snapshot& operator*() const& { return *held_.snapshot; }
    const Snapshot& operator*() const&& = delete;
    const Snapshot* operator->() const& { return held_.snapshot; }
    const Snapshot* operator->() const&& = delete;

private:
    friend class Worker;
    SnapshotPin(Worker& worker, HeldSnapshot& held);

    Worker& worker_;
    HeldSnapshot& held_;
};

/// What all workers share. Outlives them.
struct WorkerEnvironment {
    const Clock& clock;
    std::span<const ReservedEndpoint* const> reserved;
    std::shared_ptr<const TrustedProxies> trusted_proxies =
        std::make_shared<const TrustedProxies>();  ///< at first
    std::uint64_t max_in_flight = 0;               ///< of one worker; 0 = any number
    const MemoryPressure* memory = nullptr;        ///< null = nobody looks
};

/// Owned by the Gateway. Everything but revision() belongs to its loop's thread.
class Worker final : public http::Handler {
public:
    /// `clients` may be null where no backend calls out (tests). Holds `initial` (the caller has
    /// added the holder).
    Worker(async::Loop& loop, const WorkerEnvironment& environment, http::ClientPool* clients,
           const Snapshot& initial);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// REQUIRES: no request is under way.
    ~Worker() override;

    Task<void> handle(http::ServerExchange& inbound) override;
    /// As the domains of the current snapshot want it.
    async::TlsChoice choose(std::string_view server_name) const override;

    SnapshotPin pin() { return SnapshotPin(*this, *current_); }
    /// New requests use `snapshot`; those under way finish on the one they began with. The caller
    /// has added the holder; the worker drops it after its last request on the snapshot.
    void install(const Snapshot& snapshot);

    async::Loop& loop() { return loop_; }
    const Clock& clock() const { return environment_.clock; }
    http::ClientPool& clients();
    MetricsSlab& metrics() { return metrics_; }
    AccessLogRing& log() { return log_; }
    /// Why the request that begins now cannot be served; empty when it can.
    std::string_view shortage() const {
        const std::uint64_t most = environment_.max_in_flight;
        if (most > 0 && metrics_.in_flight.value() > most) {
            return "too many calls are under way";
        }
        const MemoryPressure* memory = environment_.memory;
        return memory != nullptr && memory->is_high() ? "memory is short" : std::string_view();
    }
    const TrustedProxies& trusted_proxies() const { return *trusted_proxies_; }
    /// For requests from now on.
    void trust(std::shared_ptr<const TrustedProxies> proxies) {
        trusted_proxies_ = std::move(proxies);
    }
    /// Null until the log is opened, and when there is none.
    void set_log_writer(AccessLogWriter* writer) { log_writer_ = writer; }
    AccessLogWriter* log_writer() { return log_writer_; }
    RequestIds& request_ids() { return request_ids_; }
    /// Positions of the upstream in this slot.
    Balancer& balancer(std::uint32_t slot) {
        while (slot >= balancers_.size()) {
            balancers_.emplace_back();
        }
        return balancers_[slot];
    }
    /// The endpoint at "/-/..." of a service; null when there is none.
    const ReservedEndpoint* reserved(std::string_view api_path) const;

    /// Any thread.
    std::int64_t revision() const { return revision_.load(std::memory_order_acquire); }

private:
    friend class SnapshotPin;
    class Serving;

    void release(HeldSnapshot& held);

    async::Loop& loop_;
    const WorkerEnvironment& environment_;
    http::ClientPool* clients_;
    MetricsSlab metrics_;
    AccessLogRing log_;
    AccessLogWriter* log_writer_ = nullptr;
    RequestIds request_ids_;
    std::deque<Balancer> balancers_;  ///< by slot of the upstream; requests keep references
    std::shared_ptr<const TrustedProxies> trusted_proxies_;
    std::vector<std::unique_ptr<HeldSnapshot>> held_;  ///< the current one and older ones in use
    HeldSnapshot* current_ = nullptr;
    std::atomic<std::int64_t> revision_{0};
};

}  // namespace lintel::gateway
