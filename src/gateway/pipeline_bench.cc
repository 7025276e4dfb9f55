// What the phases themselves cost, without sockets and without a backend: a request that meets
// nothing, one with policies and a caller, and one that is refused; each with access log and
// metrics on. And what one decision of a limit costs.
#include <benchmark/benchmark.h>

#include "data/json.h"
#include "gateway/contract.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/mapping.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

class Instant final : public Backend {
public:
    Task<Verdict> call(Exchange& exchange) const override {
        exchange.response.status = 200;
        exchange.response.fields.add("Content-Type", "text/plain");
        exchange.response.body = "ok";
        co_return Verdict::proceed();
    }
};

class Counting final : public Policy {
public:
    Verdict on_request(Exchange& exchange) const override {
        const auto decision = counter_.take(WindowCounter::kMaxLimit, 0, 1000, clock_.now_ms());
        exchange.limit = WindowCounter::kMaxLimit;
        exchange.limit_remaining = decision.remaining;
        exchange.limit_reset_s = decision.reset_ms / 1000;
        return Verdict::proceed();
    }

private:
    mutable WindowCounter counter_;
    SystemClock clock_;
};

class Known final : public Authenticator {
public:
    Task<Verdict> authenticate(Exchange& exchange) const override {
        exchange.principal = {.credential = exchange.snapshot.credentials().by_id("crd"),
                              .method = "test"};
        co_return Verdict::proceed();
    }
};

class Inbound final : public http::ServerExchange {
public:
    Inbound(std::string_view target, async::Loop& on) {
        head.method = "GET";
        head.target = target;
        head.host = "localhost:8080";
        head.fields.add("Host", "localhost:8080");
        head.fields.add("User-Agent", "bench");
        head.fields.add("Accept", "*/*");
        peer = &peer_;
        loop = &on;
    }
    Task<Status> send(const http::OutgoingResponse& response) override {
        sent_bytes = response.body.size();
        co_return Status();
    }
    bool answer_started() const override { return true; }

private:
    http::Peer peer_;
};

std::shared_ptr<CompiledService> service(bool guarded) {
    auto made = std::make_shared<CompiledService>();
    made->id = "svc";
    made->code = "pets";
    made->environment = "release";
    auto route =
        std::make_shared<Route>(RouteNames{.api_id = "api", .method = "GET", .path = "/pets/{id}"});
    const data::Json api = {{"method", "GET"}, {"path", "/pets/{id}"}};
    route->service = made.get();
    route->contract = Contract::build(api, api).value();
    route->mapping = Mapping::build(api).value();
    route->backend = std::make_unique<const Instant>();
    if (guarded) {
        route->authenticator = std::make_unique<const Known>();
        route->add_policy(Phase::Limit, std::make_unique<const Counting>());
    }
    made->routes.push_back(std::move(route));
    return made;
}

std::shared_ptr<const CredentialTable> credentials() {
    auto credential = std::make_shared<Credential>();
    credential->id = "crd";
    credential->grants.push_back({.service_id = "svc", .api_id = {}, .environment = {}});
    return std::make_shared<const CredentialTable>(
        std::vector<std::shared_ptr<const Credential>>{std::move(credential)});
}

void serve_requests(benchmark::State& state, bool guarded, std::string_view target) {
    const SystemClock clock;
    const WorkerEnvironment environment{clock, {}};
    const auto loop = async::Loop::open().value();
    const Snapshot snapshot(1, RouteTable().with(service(guarded)), credentials());
    snapshot.add_holder();
    Worker worker(*loop, environment, nullptr, snapshot);
    auto writer = AccessLogWriter::open("/dev/null", {&worker.log()}).value();
    worker.set_log_writer(writer.get());
    Inbound inbound(target, *loop);
    for (auto _ : state) {
        inbound.arena.reset();
        inbound.started_us = loop->precise_us();
        async::run_now(worker.handle(inbound));
    }
    worker.set_log_writer(nullptr);
}

void plain_request(benchmark::State& state) {
    serve_requests(state, false, "/release/pets/pets/7?a=1");
}
void guarded_request(benchmark::State& state) {
    serve_requests(state, true, "/release/pets/pets/7?a=1");
}
void refused_request(benchmark::State& state) {
    serve_requests(state, false, "/release/pets/dogs/7?a=1");
}
void limit_decision(benchmark::State& state) {
    static WindowCounter counter;
    for (auto _ : state) {
        benchmark::DoNotOptimize(counter.take(WindowCounter::kMaxLimit, 0, 1000, 500));
    }
}
void clock_read(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(async::monotonic_us());
    }
}

BENCHMARK(plain_request);
BENCHMARK(guarded_request);
BENCHMARK(refused_request);
BENCHMARK(limit_decision)->Threads(1)->Threads(2);
BENCHMARK(clock_read);

}  // namespace
}  // namespace lintel::gateway
