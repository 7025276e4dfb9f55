// Imports description files and says what became of each.
//   import_probe yaml|json MAX_BYTES [EXPORTS]     paths on stdin, one JSON line per file on stdout
// With "yaml" a file that is JSON is first written as YAML by our own writer. What was imported is
// checked as a publish would (every schema compiles), exported (into the folder EXPORTS when given)
// and imported again: "round_trip" says whether the same operations came back.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "data/json.h"
#include "data/schema.h"
#include "data/yaml.h"
#include "openapi/read.h"
#include "openapi/write.h"

namespace {

using lintel::data::Json;
namespace openapi = lintel::openapi;

Json faults_json(const std::vector<lintel::Fault>& faults) {
    Json list = Json::array();
    for (const lintel::Fault& fault : faults) {
        list.push_back(
            Json{{"pointer", fault.pointer}, {"code", fault.code}, {"detail", fault.detail}});
    }
    return list;
}

bool same(const openapi::Operation& a, const openapi::Operation& b) {
    return a.method == b.method && a.path == b.path && a.operation_id == b.operation_id &&
           a.summary == b.summary && a.description == b.description && a.tag == b.tag &&
           a.parameters == b.parameters && a.body == b.body && a.responses == b.responses &&
           a.auth == b.auth;
}

/// "ok", or what differs.
std::string round_trip(const openapi::Document& document) {
    const std::string text = lintel::data::dump(openapi::write(document));
    const auto again = openapi::read(text, openapi::Format::Json,
                                     {.max_bytes = 64 << 20, .max_operations = 100'000});
    if (!again) { return again.error().message; }
    if (again->document.operations.size() != document.operations.size()) {
        return "another number of operations";
    }
    for (const openapi::Operation& operation : document.operations) {
        const bool found = std::ranges::any_of(
            again->document.operations,
            [&operation](const openapi::Operation& other) { return same(operation, other); });
        if (!found) { return operation.method + " " + operation.path + " came back different"; }
    }
    return lintel::data::equal(again->document.components, document.components)
               ? "ok"
               : "components differ";
}

/// "ok", or the first schema that cannot be enforced as it was stored.
std::string compiles(const openapi::Document& document) {
    const Json root = {{"components", document.components}};
    lintel::data::SchemaCompiler compiler(root, {.skip_unsupported_patterns = true});
    for (const openapi::Operation& operation : document.operations) {
        std::vector<const Json*> schemas;
        for (const auto& parameter : operation.parameters) {
            schemas.push_back(&parameter.schema);
        }
        if (operation.body) {
            for (const auto& media : operation.body->content) {
                schemas.push_back(&media.schema);
            }
        }
        for (const Json* schema : schemas) {
            const auto compiled = compiler.compile(*schema, operation.pointer);
            if (!compiled) { return operation.pointer + ": " + compiled.error().message; }
        }
        if (const auto* success = operation.success()) {
            lintel::data::example_from_schema(success->schema, root);
        }
    }
    return "ok";
}

/// A JSON text as YAML; checks on the way that our reader gives the same value back.
std::string as_yaml(const std::string& text, Json& result) {
    const auto json = lintel::data::parse_json(text, {.max_depth = 500, .max_nodes = 10'000'000});
    if (!json) { return text; }
    std::string yaml = lintel::data::to_yaml(*json);
    const auto back = lintel::data::parse_yaml(yaml, {.max_depth = 500, .max_nodes = 10'000'000});
    if (!back || *back != *json) {
        result["yaml_differs"] = back ? "another value" : back.error().message;
    }
    return yaml;
}

class Probe {
public:
    Probe(openapi::Format format, std::size_t max_bytes, std::filesystem::path exports)
        : format_(format), max_bytes_(max_bytes), exports_(std::move(exports)) {}

    Json run(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        Json result = {{"file", path}, {"bytes", text.size()}};
        if (format_ == openapi::Format::Yaml) { text = as_yaml(text, result); }
        const auto begin = std::chrono::steady_clock::now();
        const auto read = openapi::read(text, format_, {.max_bytes = max_bytes_});
        const auto took = std::chrono::steady_clock::now() - begin;
        result["milliseconds"] = std::chrono::duration<double, std::milli>(took).count();
        result["imported"] = read.has_value();
        if (!read) {
            result["code"] = lintel::info(read.error().code).name;
            result["message"] = read.error().message;
            result["faults"] = faults_json(read.error().faults);
            return result;
        }
        result["operations"] = read->document.operations.size();
        result["warnings"] = faults_json(read->warnings);
        result["compiles"] = compiles(read->document);
        result["round_trip"] = round_trip(read->document);
        if (!exports_.empty()) { result["exported"] = save(read->document); }
        return result;
    }

private:
    std::string save(const openapi::Document& document) {
        const auto path = exports_ / fmt::format("{}.json", ++saved_);
        std::ofstream(path) << lintel::data::dump(openapi::write(document, {true}));
        return path.string();
    }

    openapi::Format format_;
    std::size_t max_bytes_;
    std::filesystem::path exports_;
    std::size_t saved_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) {
        fmt::print(stderr, "usage: import_probe yaml|json MAX_BYTES [EXPORTS] < paths\n");
        return 2;
    }
    const bool yaml = std::string_view(argv[1]) == "yaml";
    Probe probe(yaml ? openapi::Format::Yaml : openapi::Format::Json, std::stoul(argv[2]),
                argc == 4 ? argv[3] : "");
    for (std::string path; std::getline(std::cin, path);) {
        fmt::print("{}\n", lintel::data::dump(probe.run(path)));
        std::fflush(stdout);
    }
    return 0;
}
