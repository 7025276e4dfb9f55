// What definitions compile to, as text: test/golden/compile/*.in.json -> *.out.json. A case is a
// definition and some calls; its result is the compiled service, and what the backend would be
// asked or why the call is refused. LINTEL_UPDATE_GOLDEN=1 writes the results anew.
#include <fmt/format.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/compile_world_test.h"
#include "gateway/loose_exchange_test.h"
#include "gateway/path_index.h"

namespace lintel::compiler {
namespace {

using data::Json;
using gateway::CompiledService;
using gateway::Exchange;
using gateway::Route;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Json list_of(const std::vector<Fault>& faults) {
    Json list = Json::array();
    for (const Fault& fault : faults) {
        list.push_back(fault.pointer + " " + fault.code + ": " + fault.detail);
    }
    return list;
}

std::string_view text_of(gateway::Scheme scheme) {
    switch (scheme) {
        case gateway::Scheme::Http: return "http";
        case gateway::Scheme::Https: return "https";
        case gateway::Scheme::Both: break;
    }
    return "both";
}

Json describe(const Route& route) {
    return {{"api", route.names.api_name},
            {"at", fmt::format("{} {}", route.names.method, route.names.path)},
            {"auth", std::string(route.auth_kind)},
            {"anyone_may_call", route.authenticator == nullptr},
            {"access_policies", route.policies->access.size()},
            {"limit_policies", route.policies->limit.size()}};
}

Json describe(const CompiledService& service) {
    Json routes = Json::array();
    for (const auto& route : service.routes) {
        routes.push_back(describe(*route));
    }
    return {{"address", "/" + service.environment + "/" + service.code},
            {"name", service.name},
            {"release", service.release},
            {"scheme", std::string(text_of(service.scheme))},
            {"encoded_slashes", service.allow_encoded_slashes},
            {"token_lifetime_s", service.token_lifetime_s},
            {"token_by_get", service.token_by_get},
            {"explains_refusals", service.explain_refusals},
            {"routes", std::move(routes)}};
}

std::string member(const Json& json, std::string_view name, std::string_view otherwise = {}) {
    const std::string_view text = data::find_string(json, name);
    return std::string(text.empty() ? otherwise : text);
}

/// A call as golden files write it: {"method", "target", "headers", "body"}.
gateway::LooseRequest request_of(const Json& call) {
    gateway::LooseRequest request;
    request.method = member(call, "method", "GET");
    const std::string target = member(call, "target", "/");
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) { request.query = target.substr(mark + 1); }
    if (const Json* headers = data::find(call, "headers")) {
        for (const auto& [name, value] : headers->items()) {
            request.headers.emplace_back(name, value.get<std::string>());
        }
    }
    request.body = member(call, "body");
    return request;
}

Json describe(const gateway::Refusal& refusal) {
    Json json{{"status", info(refusal.code).status},
              {"code", std::string(info(refusal.code).name)}};
    if (!refusal.detail.empty()) { json["detail"] = std::string(refusal.detail); }
    if (refusal.faults != nullptr) { json["faults"] = list_of(*refusal.faults); }
    return json;
}

Json asked_of_backend(Exchange& exchange) {
    const gateway::BackendRequest& out = exchange.backend_request;
    std::string target(out.path);
    if (!out.query.empty()) { target += "?" + std::string(out.query); }
    Json json{{"backend", std::string(out.method) + " " + target}};
    Json headers = Json::object();
    for (const http::Field& field : out.fields) {
        headers[std::string(field.name)] = std::string(field.value);
    }
    if (out.body && !out.body_type.empty()) {
        headers["Content-Type"] = std::string(out.body_type);
    }
    if (!headers.empty()) { json["headers"] = std::move(headers); }
    const std::string body = out.body ? *out.body : gateway::read_all(exchange.body());
    if (!body.empty()) { json["body"] = body; }
    return json;
}

Json answer(const CompiledService& service, const gateway::PathIndex& index, const Json& call) {
    gateway::LooseExchange loose(request_of(call));
    Exchange& exchange = loose.exchange;
    const gateway::PathMatch match =
        index.find(exchange.api_path, exchange.inbound.head.method, exchange.path_parameters);
    if (match.route == nullptr) { return {{"route", nullptr}}; }
    exchange.route = match.route;
    exchange.service = &service;
    gateway::Verdict verdict = gateway::run(match.route->contract.check(exchange));
    if (verdict.proceeds()) { verdict = gateway::run(match.route->mapping.apply(exchange)); }
    Json json{{"route", match.route->names.api_name}};
    json.update(verdict.proceeds() ? asked_of_backend(exchange) : describe(*verdict.refusal()));
    return json;
}

Json run_case(const Json& input) {
    auto definition = model::service_definition_from_json(input.at("definition"));
    if (!definition) { return {{"not_a_definition", list_of(definition.error().faults)}}; }
    CompileWorld world;
    PublishedPets pets(*std::move(definition));
    pets.environment.code = member(input, "environment", "test");
    const auto compiled = compile_service(pets.publication(), world.environment);
    if (!compiled) { return {{"faults", list_of(compiled.error().faults)}}; }
    const CompiledService& service = **compiled;
    Json output = describe(service);
    const gateway::PathIndex index(service.routes);
    for (const Json& call : input.value("calls", Json::array())) {
        output["calls"].push_back(answer(service, index, call));
    }
    return output;
}

TEST(GoldenCompile, EveryCaseGivesItsRecordedResult) {
    const std::filesystem::path folder =
        std::filesystem::path(LINTEL_SOURCE_DIR) / "test/golden/compile";
    const char* update = std::getenv("LINTEL_UPDATE_GOLDEN");
    std::size_t cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (!name.ends_with(".in.json")) { continue; }
        ++cases;
        SCOPED_TRACE(name);
        const auto input = data::parse_json(read_file(entry.path()));
        ASSERT_TRUE(input) << input.error().message;
        const std::string result = data::dump_pretty(run_case(*input)) + "\n";
        const std::filesystem::path recorded =
            folder /
            (name.substr(0, name.size() - std::string_view(".in.json").size()) + ".out.json");
        if (update != nullptr) {
            std::ofstream(recorded) << result;
        } else {
            EXPECT_EQ(result, read_file(recorded));
        }
    }
    EXPECT_GE(cases, 5U);
}

}  // namespace
}  // namespace lintel::compiler
