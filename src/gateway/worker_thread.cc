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
      environment_{gateway.services_.clock, gateway.services_.reserved},
      connector_(*loop_, gateway.services_.resolver,
                 [&rules = gateway.outbound_](const IpAddress& address, std::uint16_t port) {
                     return rules.refusal_for(address, port);
                 }),
      clients_(*loop_, connector_, gateway.options_.client),
      worker_(*loop_, environment_, &clients_, Holding(initial).take()),
      gate_(*loop_) {}

Gateway::WorkerThread::~WorkerThread() = default;

void Gateway::WorkerThread::start(std::vector<BoundSocket> sockets) {
    thread_ = std::thread([this, mine = std::move(sockets)]() mutable { run(std::move(mine)); });
}

void Gateway::WorkerThread::run(std::vector<BoundSocket> sockets) {
    server_.emplace(*loop_, worker_, gateway_.services_.clock, gateway_.options_.server);
    for (BoundSocket& bound : sockets) {
        server_->listen(std::move(bound.socket), bound.tls);
    }
    loop_->run();
    server_.reset();
}

Task<void> Gateway::WorkerThread::drain_and_stop() {
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

}  // namespace lintel::gateway
