// Cost of reading and checking a request body: the validate phase pays both.
#include <benchmark/benchmark.h>

#include "data/json.h"
#include "data/schema.h"

namespace lintel::data {
namespace {

constexpr std::string_view kBody =
    R"({"id":12,"name":"Rex","status":"available","category":{"id":1,"name":"dogs"},
    "photoUrls":["https://example.com/1.png"],)"
    R"("tags":[{"id":1,"name":"a"},{"id":2,"name":"b"}]})";

Json pet_document() {
    return *parse_json(R"({"components":{"schemas":{
        "Named":{"type":"object","properties":{"id":{"type":"integer","format":"int64"},
            "name":{"type":"string","maxLength":60}}},
        "Pet":{"type":"object","required":["name","photoUrls"],
            "properties":{"id":{"type":"integer","format":"int64"},
            "name":{"type":"string","pattern":"^[A-Za-z]+$"},
            "category":{"$ref":"#/components/schemas/Named"},
            "photoUrls":{"type":"array","items":{"type":"string","format":"uri"}},
            "tags":{"type":"array","items":{"$ref":"#/components/schemas/Named"}},
            "status":{"type":"string","enum":["available","pending","sold"]}}}}}})");
}

void ParsePet(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(parse_json(kBody));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBody.size()));
}
BENCHMARK(ParsePet);

void ValidatePet(benchmark::State& state) {
    const Json root = pet_document();
    const auto schema = *Schema::compile(Json{{"$ref", "#/components/schemas/Pet"}}, root);
    const Json body = *parse_json(kBody);
    std::vector<Fault> faults;
    for (auto _ : state) {
        benchmark::DoNotOptimize(schema->validate(body, "/body", faults));
    }
    if (!faults.empty()) { state.SkipWithError("the body should be valid"); }
}
BENCHMARK(ValidatePet);

void RefusePet(benchmark::State& state) {
    const Json root = pet_document();
    const auto schema = *Schema::compile(Json{{"$ref", "#/components/schemas/Pet"}}, root);
    const Json body = *parse_json(R"({"id":"x","status":"gone"})");
    for (auto _ : state) {
        std::vector<Fault> faults;
        benchmark::DoNotOptimize(schema->validate(body, "/body", faults));
    }
}
BENCHMARK(RefusePet);

void CompilePet(benchmark::State& state) {
    const Json root = pet_document();
    for (auto _ : state) {
        benchmark::DoNotOptimize(Schema::compile(Json{{"$ref", "#/components/schemas/Pet"}}, root));
    }
}
BENCHMARK(CompilePet);

}  // namespace
}  // namespace lintel::data
