// How long a publish compiles: one service of ten APIs, and a start with ten thousand routes.
#include <benchmark/benchmark.h>

#include "compiler/compile_world_test.h"
#include "gateway/route_table.h"

namespace lintel::compiler {
namespace {

model::ApiDefinition api_number(int number) {
    model::ApiDefinition api;
    api.id = model::ApiId("api_" + std::to_string(number));
    api.name = "api " + std::to_string(number);
    api.method = number % 2 == 0 ? model::Method::Get : model::Method::Post;
    api.path = "/things/" + std::to_string(number) + "/{id}";
    api.auth.kind = "hmac";
    model::Parameter id;
    id.name = "id";
    id.location = model::Location::Path;
    id.required = true;
    model::Parameter limit;
    limit.name = "limit";
    limit.type = model::ParameterType::Integer;
    limit.schema = {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}};
    api.parameters = {id, limit};
    if (api.method == model::Method::Post) {
        api.body = model::RequestBody{
            .required = true,
            .description = {},
            .content = {{"application/json", {{"$ref", "#/components/schemas/Thing"}}}}};
    }
    api.backend.kind = "mock";
    api.responses.schema = {{"$ref", "#/components/schemas/Thing"}};
    return api;
}

model::ServiceDefinition definition(int apis) {
    model::ServiceDefinition definition;
    definition.name = "Things";
    definition.components = data::parse_json(R"({"schemas": {"Thing": {"type": "object",
        "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 50},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}}})")
                                .value();
    for (int i = 0; i < apis; ++i) {
        definition.apis.push_back(api_number(i));
    }
    return definition;
}

void compile_one_service(benchmark::State& state) {
    CompileWorld world;
    const PublishedPets pets(definition(static_cast<int>(state.range(0))));
    for (auto _ : state) {
        auto compiled = compile_service(pets.publication(), world.environment);
        benchmark::DoNotOptimize(compiled);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(compile_one_service)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond);

void compile_ten_thousand_routes(benchmark::State& state) {
    CompileWorld world;
    const model::ServiceDefinition ten = definition(10);
    for (auto _ : state) {
        std::vector<std::shared_ptr<const gateway::CompiledService>> services;
        for (int i = 0; i < 1000; ++i) {
            PublishedPets pets(ten);
            pets.service.code = "svc-" + std::to_string(i);
            services.push_back(compile_service(pets.publication(), world.environment).value());
        }
        const auto routes = gateway::RouteTable::of(std::move(services));
        benchmark::DoNotOptimize(routes.route_count());
    }
    state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(compile_ten_thousand_routes)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace lintel::compiler
