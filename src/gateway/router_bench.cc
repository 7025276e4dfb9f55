// What matching costs: resolve() and find() of the route table at 1, 1,000 and 100,000 routes, and
// what a publish of one service costs the table.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "gateway/route_table.h"

namespace lintel::gateway {
namespace {

constexpr std::int64_t kApisPerService = 10;

std::shared_ptr<const CompiledService> service(std::int64_t number, std::int64_t apis) {
    auto made = std::make_shared<CompiledService>();
    made->code = fmt::format("svc-{:06}", number);
    made->environment = "release";
    for (std::int64_t i = 0; i < apis; ++i) {
        const std::string path = i % 2 == 0
                                     ? fmt::format("/things/{}/items", i)
                                     : fmt::format("/things/{}/items/{{id}}/parts/{{part}}", i);
        auto route = std::make_shared<Route>(RouteNames{.method = "GET", .path = path});
        route->service = made.get();
        made->routes.push_back(std::move(route));
    }
    return made;
}

RouteTable table_of(std::int64_t routes) {
    const std::int64_t apis = std::min(routes, kApisPerService);
    std::vector<std::shared_ptr<const CompiledService>> services;
    for (std::int64_t i = 0; i < routes / apis; ++i) {
        services.push_back(service(i, apis));
    }
    return RouteTable::of(std::move(services));
}

void look_up(benchmark::State& state, std::string_view below) {
    const RouteTable table = table_of(state.range(0));
    const std::int64_t services = std::max<std::int64_t>(1, state.range(0) / kApisPerService);
    std::vector<std::string> paths;
    for (std::int64_t i = 0; i < 1024; ++i) {
        paths.push_back(fmt::format("/release/svc-{:06}{}", i * 7919 % services, below));
    }
    PathParameters parameters;
    std::size_t at = 0;
    for (auto _ : state) {
        const ServiceAddress address = table.resolve("127.0.0.1", paths[at++ % paths.size()]);
        const PathMatch match = address.index->find(address.api_path, "GET", parameters);
        if (match.route == nullptr) { state.SkipWithError("nothing matched"); }
        benchmark::DoNotOptimize(match);
    }
}

void literal_path(benchmark::State& state) {
    look_up(state, "/things/0/items");
}
void template_path(benchmark::State& state) {
    look_up(state, state.range(0) == 1 ? "/things/0/items" : "/things/1/items/5/parts/7");
}
void publish_one_service(benchmark::State& state) {
    RouteTable table = table_of(state.range(0));
    std::int64_t number = 0;
    for (auto _ : state) {
        table = table.with(service(number++ % 100, kApisPerService));
    }
}
void build_all(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(table_of(state.range(0)));
    }
}

BENCHMARK(literal_path)->Arg(1)->Arg(1'000)->Arg(100'000);
BENCHMARK(template_path)->Arg(1)->Arg(1'000)->Arg(100'000);
BENCHMARK(publish_one_service)
    ->Arg(1'000)
    ->Arg(50'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(build_all)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lintel::gateway
