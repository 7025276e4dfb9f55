#include "gateway/worker_thread.h"

#include <utility>

namespace lintel::gateway {
namespace {

/// A place kept for a worker that has not read its mail yet. Given back when the mail is lost
/// because the loop ended first.
class Holding {
public:
    explicit Holding(const Snapshot& snapshot) : snapshot_(&snapshot) { snapshot.add_holder(); }
    Holding(Holding&& other) noexcept : snapshot_(std::exchange(other.snapshot_, nullptr)) {}
    Holding& operator=(Holding&&) = delete;
    ~Holding() {
        if (snapshot_ != nullptr) { snapshot_->drop_holder(); }
    }
    const Snapshot& take() { return *std::exchange(snapshot_, nullptr); }

private:
    const Snapshot* snapshot_;
};

}  // namespace

Result<std::unique_ptr<Gateway::WorkerThread>> Gateway::WorkerThread::open(
    Gateway& gateway, const Snapshot& initial) {
    ASSIGN_OR_RETURN(auto loop, async::Loop::open());
    return std::unique_ptr<WorkerThread>(new WorkerThread(gateway, std::move(loop), initial));
}

Gateway::WorkerThread::WorkerThread(Gateway& gateway, std::unique_ptr<async::Loop> loop,
                                    const Snapshot& initial)
    : gateway_(gateway),
      loop_(std::move(loop)),
      environment_{.clock = gateway.services_.clock,
                   .reserved = gateway.services_.reserved,
                   .trusted_proxies = gateway.options_.trusted_proxies,
                   .max_in_flight = gateway.in_flight_per_worker(),
                   .memory = &gateway.memory_},
      connector_(*loop_, gateway.services_.resolver,
                 [&rules = gateway.outbound_](const IpAddress& address, std::uint16_t port) {
                     return rules.refusal_for(address, port);
                 }),
      clients_(*loop_, connector_, gateway.options_.client),
      worker_(*loop_, environment_, &clients_, Holding(initial).take()),
      gate_(*loop_) {}

Gateway::WorkerThread::~WorkerThread() = default;

void Gateway::WorkerThread::start() {
    thread_ = std::thread([this] { run(); });
}

void Gateway::WorkerThread::run() {
    std::optional<MemoryWatch> watch;
    if (this == gateway_.workers_.front().get()) { watch.emplace(*loop_, gateway_.memory_); }
    server_.emplace(*loop_, worker_, gateway_.services_.clock, gateway_.connections_,
                    gateway_.options_.server);
    loop_->run();
    server_.reset();
}

void Gateway::WorkerThread::listen(std::vector<BoundSocket> sockets) {
    loop_->post([this, mine = std::move(sockets)]() mutable {
        for (BoundSocket& bound : mine) {
            server_->listen(std::move(bound.socket), bound.opening);
        }
    });
}

Task<void> Gateway::WorkerThread::drain_and_stop() {
    while (!debugged_.empty()) {
        debugged_.back()->cancel(-ECANCELED);  // takes itself out
    }
    co_await server_->drain(loop_->after(gateway_.options_.drain_time));
    clients_.close_idle();
    loop_->stop();
}

void Gateway::WorkerThread::stop() {
    loop_->post([this] { gate_.spawn(drain_and_stop()); });
}

void Gateway::WorkerThread::join() {
    if (thread_.joinable()) { thread_.join(); }
}

void Gateway::WorkerThread::install(const Snapshot& snapshot, std::function<void()> installed) {
    loop_->post([this, holding = Holding(snapshot), done = std::move(installed)]() mutable {
        worker_.install(holding.take());
        done();
    });
}

void Gateway::WorkerThread::debug(std::shared_ptr<DebugJob> job) {
    loop_->post(
        [this, mine = std::move(job)]() mutable { gate_.spawn(run_debug(std::move(mine))); });
}

Task<void> Gateway::WorkerThread::run_debug(std::shared_ptr<DebugJob> job) {
    async::Waiter ended(*loop_);
    debugged_.push_back(&ended);
    co_await run_debug_call(worker_, std::move(job), ended);
    std::erase(debugged_, &ended);
}

void Gateway::WorkerThread::trust(std::shared_ptr<const TrustedProxies> proxies) {
    loop_->post(
        [this, trusted = std::move(proxies)]() mutable { worker_.trust(std::move(trusted)); });
}

}  // namespace lintel::gateway
