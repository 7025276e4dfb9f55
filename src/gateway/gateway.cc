#include "gateway/gateway.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "gateway/upstream/upstream_metrics.h"
#include "gateway/worker_thread.h"

namespace lintel::gateway {
namespace {

std::shared_ptr<const Snapshot> empty_snapshot() {
    return std::make_shared<const Snapshot>(
        0, RouteTable(),
        std::make_shared<const CredentialTable>(std::vector<std::shared_ptr<const Credential>>()));
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::open(GatewayOptions options,
                                               const GatewayServices& services) {
    std::unique_ptr<Gateway> gateway(new Gateway(std::move(options), services));
    RETURN_IF_ERROR(gateway->listen());
    RETURN_IF_ERROR(gateway->start_workers());
    return gateway;
}

Gateway::Gateway(GatewayOptions options, const GatewayServices& services)
    : options_(std::move(options)),
      services_(services),
      outbound_(services.outbound),
      connections_(options_.connections, options_.connections_per_client),
      memory_(options_.memory_budget, connections_) {
    if (options_.workers == 0) {
        options_.workers = std::max(1U, std::thread::hardware_concurrency());
    }
    outbound_.local = addresses_of_this_machine();
    snapshots_.push_back(empty_snapshot());
}

Gateway::~Gateway() {
    stop();
    log_writer_.reset();  // it reads the rings of the workers
    checker_.reset();
    workers_.clear();
    free_unused_snapshots();
}

Status Gateway::listen() {
    sockets_.resize(options_.workers);
    for (const ListenAt& at : options_.listen) {
        ASSIGN_OR_RETURN(auto sockets, options_.open_sockets(at.address, options_.workers));
        addresses_.push_back(sockets.front().where());
        const async::SocketAddress bound = sockets.front().address();
        if (!at.address.is_unix()) {
            outbound_.own.push_back({.address = bound.address, .port = bound.port});
        }
        const http::Opening opening{.tls = at.tls.get(),
                                    .balancers = at.balancers ? &*at.balancers : nullptr};
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            sockets_[i % options_.workers].push_back({std::move(sockets[i]), opening});
        }
    }
    return {};
}

Status Gateway::start_workers() {
    for (std::size_t i = 0; i < options_.workers; ++i) {
        ASSIGN_OR_RETURN(auto worker, WorkerThread::open(*this, *snapshots_.front()));
        workers_.push_back(std::move(worker));
    }
    RETURN_IF_ERROR(open_log());
    RETURN_IF_ERROR(open_checker());
    for (const auto& worker : workers_) {
        worker->start();
    }
    if (options_.accepting == Accepting::AtOnce) { accept(); }
    return {};
}

void Gateway::accept() {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        workers_[i]->listen(std::move(sockets_[i]));
    }
    sockets_.clear();
}

Status Gateway::open_log() {
    if (options_.access_log.empty()) { return {}; }
    std::vector<AccessLogRing*> rings;
    for (const auto& worker : workers_) {
        rings.push_back(&worker->worker().log());
    }
    ASSIGN_OR_RETURN(log_writer_, AccessLogWriter::open(options_.access_log, std::move(rings)));
    for (const auto& worker : workers_) {
        worker->worker().set_log_writer(log_writer_.get());
    }
    return {};
}

Status Gateway::open_checker() {
    ASSIGN_OR_RETURN(checker_, HealthChecker::open(
                                   services_.resolver,
                                   [this](const IpAddress& address, std::uint16_t port) {
                                       return outbound_.refusal_for(address, port);
                                   },
                                   options_.client));
    checker_->start();
    return {};
}

void Gateway::install(std::shared_ptr<const Snapshot> snapshot) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopped_) { return; }
        ++installs_;
        installed_at_ = services_.clock.now_ms();
        for (const auto& worker : workers_) {
            worker->install(*snapshot, [this] {
                const std::scoped_lock waiting(mutex_);
                served_.notify_all();
            });
        }
        checker_->install(snapshot->shared_upstreams());
        snapshots_.push_back(std::move(snapshot));
    }
    free_unused_snapshots();
}

bool Gateway::await_revision(std::int64_t wanted, std::chrono::milliseconds timeout) {
    bool reached = false;
    {
        std::unique_lock lock(mutex_);
        reached = served_.wait_for(lock, timeout, [&] { return revision() >= wanted; });
    }
    free_unused_snapshots();
    return reached;
}

std::int64_t Gateway::revision() const {
    std::int64_t lowest = workers_.front()->worker().revision();
    for (const auto& worker : workers_) {
        lowest = std::min(lowest, worker->worker().revision());
    }
    return lowest;
}

void Gateway::free_unused_snapshots() {
    std::vector<std::shared_ptr<const Snapshot>> unused;  // freed when the lock is gone
    const std::scoped_lock lock(mutex_);
    std::erase_if(snapshots_, [&](std::shared_ptr<const Snapshot>& snapshot) {
        if (snapshot->holders() > 0) { return false; }
        unused.push_back(std::move(snapshot));
        return true;
    });
}

std::shared_ptr<const UpstreamTable> Gateway::newest_upstreams() const {
    const std::scoped_lock lock(mutex_);
    return snapshots_.back()->shared_upstreams();
}

std::optional<UpstreamReport> Gateway::upstream_report(const std::string& upstream_id) const {
    const auto upstreams = newest_upstreams();
    for (const auto& upstream : upstreams->by_slot()) {
        if (upstream != nullptr && upstream->id == upstream_id) {
            return report_of(*upstream, async::monotonic_us() / 1000);
        }
    }
    return std::nullopt;
}

Result<DebugAnswer> Gateway::debug(std::shared_ptr<const Snapshot> snapshot, DebugRequest request) {
    /// Given back however the call ends.
    struct Place {
        explicit Place(std::atomic<int>& places) : taken(places), number(++places) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { --taken; }
        std::atomic<int>& taken;
        int number;
    };
    const Place place(debug_calls_);
    if (place.number > kMaxDebugCalls) {
        return fail({.code = Code::DebugBusy,
                     .message = "Other debug calls are under way; try again when they have ended.",
                     .retryable = true});
    }
    const auto job = std::make_shared<DebugJob>(std::move(snapshot), std::move(request));
    std::optional<DebugAnswer> answer;
    if (begin_debug(job)) { answer = job->await(); }
    if (!answer) { return fail(Code::GatewayOverloaded, "The gateway ends."); }
    return *std::move(answer);
}

bool Gateway::begin_debug(const std::shared_ptr<DebugJob>& job) {
    // A worker that is told to end looks at what came before that.
    const std::scoped_lock lock(mutex_);
    if (stopped_) { return false; }
    workers_.front()->debug(job);
    return true;
}

std::vector<std::uint64_t> Gateway::calls() const {
    std::vector<std::uint64_t> calls(services_.metrics.size());
    for (const auto& worker : workers_) {
        const MetricsSeries* series = worker->worker().metrics().newest();
        for (; series != nullptr; series = series->before) {
            // One that is new since the size was taken is counted the next time.
            if (series->id < calls.size()) { calls[series->id] += series->calls(); }
        }
    }
    return calls;
}

std::string Gateway::metrics_text() {
    free_unused_snapshots();
    std::vector<const MetricsSlab*> slabs;
    GatewayFacts facts{.version = options_.version, .revision = revision()};
    for (const auto& worker : workers_) {
        slabs.push_back(&worker->worker().metrics());
        facts.log_dropped += worker->worker().log().dropped();
    }
    if (log_writer_ != nullptr) { facts.log_dropped += log_writer_->failed(); }
    facts.connections = connections_.counts();
    {
        const std::scoped_lock lock(mutex_);
        facts.installs = installs_;
        facts.installed_at_s = static_cast<double>(installed_at_) / 1000;
    }
    return gateway::metrics_text(services_.metrics, slabs, facts) +
           upstream_metrics_text(*newest_upstreams(), async::monotonic_us() / 1000);
}

void Gateway::reopen_log() {
    if (log_writer_ != nullptr) { log_writer_->reopen(); }
}

void Gateway::trust(const std::shared_ptr<const TrustedProxies>& proxies) {
    for (const auto& worker : workers_) {
        worker->trust(proxies);
    }
}

void Gateway::flush_log() {
    if (log_writer_ != nullptr) { log_writer_->flush(); }
}

void Gateway::stop() {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(stopped_, true)) { return; }
    }
    for (const auto& worker : workers_) {
        worker->stop();
    }
    for (const auto& worker : workers_) {
        worker->join();
    }
    if (checker_ != nullptr) { checker_->stop(); }
    flush_log();
}

}  // namespace lintel::gateway
