#include "gateway/worker.h"

#include <algorithm>

#include "base/assert.h"
#include "gateway/exchange.h"
#include "gateway/phases/phases.h"
#include "gateway/pipeline.h"
#include "gateway/reserved_endpoint.h"

namespace lintel::gateway {

SnapshotPin::SnapshotPin(Worker& worker, HeldSnapshot& held) : worker_(worker), held_(held) {
    ++held_.pins;
}

SnapshotPin::~SnapshotPin() {
    --held_.pins;
    if (held_.pins == 0 && &held_ != worker_.current_) { worker_.release(held_); }
}

/// One request under way: its pin and its exchange. What is cancelled on the way (the client went,
/// the server stops) is logged here, so that every request is.
class Worker::Serving {
public:
    Serving(Worker& worker, http::ServerExchange& inbound)
        : pin_(worker.pin()), exchange_(inbound, worker, *pin_) {
        worker.metrics_.in_flight.raise();
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving() {
        Worker& worker = exchange_.worker;
        if (!exchange_.logged) {
            exchange_.send_failure = Code::ClientClosed;
            exchange_.trace.cancel(worker.loop().precise_us());
            gateway::log(exchange_);
        }
        worker.metrics_.in_flight.lower();
    }

    Exchange& exchange() { return exchange_; }

private:
    SnapshotPin pin_;
    Exchange exchange_;
};

Worker::Worker(async::Loop& loop, const WorkerEnvironment& environment, http::ClientPool* clients,
               const Snapshot& initial)
    : loop_(loop),
      environment_(environment),
      clients_(clients),
      trusted_proxies_(environment.trusted_proxies) {
    install(initial);
}

Worker::~Worker() {
    LINTEL_ASSERT(held_.size() == 1 && current_->pins == 0, "a worker ended during a request");
    current_->snapshot->drop_holder();
}

Task<void> Worker::handle(http::ServerExchange& inbound) {
    Serving serving(*this, inbound);
    co_await serve(serving.exchange());
}

async::TlsChoice Worker::choose(std::string_view server_name) const {
    const Domain* const domain = current_->snapshot->domains().find(server_name);
    if (domain == nullptr) { return {}; }
    return {.identity = domain->identity.get(), .rules = domain->tls_rules};
}

void Worker::install(const Snapshot& snapshot) {
    HeldSnapshot* before = current_;
    held_.push_back(std::make_unique<HeldSnapshot>(&snapshot));
    current_ = held_.back().get();
    if (before != nullptr && before->pins == 0) { release(*before); }
    revision_.store(snapshot.revision(), std::memory_order_release);
}

void Worker::release(HeldSnapshot& held) {
    held.snapshot->drop_holder();
    std::erase_if(held_, [&](const auto& kept) { return kept.get() == &held; });
}

http::ClientPool& Worker::clients() {
    LINTEL_ASSERT(clients_ != nullptr, "this worker was built without outgoing connections");
    return *clients_;
}

const ReservedEndpoint* Worker::reserved(std::string_view api_path) const {
    const auto& all = environment_.reserved;
    const auto found = std::ranges::find(all, api_path, &ReservedEndpoint::path);
    return found == all.end() ? nullptr : *found;
}

}  // namespace lintel::gateway
