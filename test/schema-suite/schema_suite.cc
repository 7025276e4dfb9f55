// Holds our schema validator to a public suite of JSON Schema tests.
//   schema_suite DIALECT EXCLUDED.json DIRECTORY
// Every *.json file of the directory is an array of groups {description, schema, tests:
// [{description, data, valid}]}. EXCLUDED.json: {DIALECT: [{file, group?, test?, reason}]}. Ends
// with 1 when a verdict is wrong or an exclusion excludes nothing.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "data/json.h"
#include "data/schema.h"

namespace {

using lintel::data::Dialect;
using lintel::data::Json;

struct Exclusion {
    std::string file;
    std::string group;  // empty: the whole file
    std::string test;   // empty: the whole group
    std::size_t used = 0;
};

struct Counts {
    std::size_t passed = 0;
    std::size_t excluded = 0;
    std::size_t wrong = 0;
};

std::optional<Json> load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto json = lintel::data::parse_json(text, {.max_depth = 100});
    if (!json) {
        fmt::print("{}: {}\n", path.string(), json.error().message);
        return std::nullopt;
    }
    return *std::move(json);
}

std::optional<Dialect> dialect(std::string_view name) {
    if (name == "openapi30") { return Dialect::OpenApi30; }
    if (name == "draft4") { return Dialect::Draft4; }
    if (name == "draft7") { return Dialect::Draft7; }
    return std::nullopt;
}

class Suite {
public:
    Suite(Dialect dialect, std::vector<Exclusion> exclusions)
        : dialect_(dialect), exclusions_(std::move(exclusions)) {}

    void run(const std::string& file, const Json& groups) {
        for (const Json& group : groups) {
            run_group(file, group);
        }
    }

    bool finish() {
        for (const Exclusion& exclusion : exclusions_) {
            if (exclusion.used > 0) { continue; }
            fmt::print("excludes nothing: {} / {} / {}\n", exclusion.file, exclusion.group,
                       exclusion.test);
            ++counts_.wrong;
        }
        fmt::print("{} passed, {} excluded, {} wrong\n", counts_.passed, counts_.excluded,
                   counts_.wrong);
        return counts_.wrong == 0 && counts_.passed > 0;
    }

private:
    bool excluded(const std::string& file, std::string_view group, std::string_view test) {
        for (Exclusion& exclusion : exclusions_) {
            if (exclusion.file == file && (exclusion.group.empty() || exclusion.group == group) &&
                (exclusion.test.empty() || exclusion.test == test)) {
                ++exclusion.used;
                return true;
            }
        }
        return false;
    }

    void run_group(const std::string& file, const Json& group) {
        const std::string_view name = lintel::data::find_string(group, "description");
        const auto schema = lintel::data::Schema::compile(group["schema"], {.dialect = dialect_});
        for (const Json& test : group["tests"]) {
            const std::string_view description = lintel::data::find_string(test, "description");
            if (excluded(file, name, description)) {
                ++counts_.excluded;
                continue;
            }
            std::vector<lintel::Fault> faults;
            const bool valid = schema && (*schema)->validate(test["data"], "", faults);
            if (schema && valid == test["valid"].get<bool>() && valid == faults.empty()) {
                ++counts_.passed;
                continue;
            }
            ++counts_.wrong;
            fmt::print("{} / {} / {}: {}\n", file, name, description,
                       !schema ? schema.error().message
                       : valid ? "accepted"
                               : "refused: " + faults.front().detail);
        }
    }

    Dialect dialect_;
    std::vector<Exclusion> exclusions_;
    Counts counts_;
};

}  // namespace

int main(int argc, char** argv) {
    const auto chosen = argc == 4 ? dialect(argv[1]) : std::nullopt;
    const auto excluded = chosen ? load(argv[2]) : std::nullopt;
    if (!excluded) {
        fmt::print(stderr, "usage: schema_suite openapi30|draft4|draft7 EXCLUDED.json DIRECTORY\n");
        return 2;
    }
    std::vector<Exclusion> exclusions;
    for (const Json& entry : excluded->value(argv[1], Json::array())) {
        exclusions.push_back({std::string(lintel::data::find_string(entry, "file")),
                              std::string(lintel::data::find_string(entry, "group")),
                              std::string(lintel::data::find_string(entry, "test"))});
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[3])) {
        if (entry.path().extension() == ".json") { files.push_back(entry.path()); }
    }
    std::ranges::sort(files);
    Suite suite(*chosen, std::move(exclusions));
    for (const auto& path : files) {
        const auto groups = load(path);
        if (!groups) { return 1; }
        suite.run(path.filename().string(), *groups);
    }
    return suite.finish() ? 0 : 1;
}
