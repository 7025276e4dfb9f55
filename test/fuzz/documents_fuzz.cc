// JSON and YAML: what was read can be written, and reads as the same value.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "data/json.h"
#include "data/yaml.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = data::parse_json(text)) {
        const auto again = data::parse_json(data::dump(*read));
        require(again.has_value() && data::equal(*read, *again), "JSON reads what it wrote");
        const auto pretty = data::parse_json(data::dump_pretty(*read));
        require(pretty.has_value() && data::equal(*read, *pretty), "JSON reads what it indented");
    }
    if (const auto read = data::parse_yaml(text)) {
        const auto again = data::parse_yaml(data::to_yaml(*read));
        require(again.has_value() && data::equal(*read, *again), "YAML reads what it wrote");
    }
    std::string line;
    log::append_json_string(line, text);
    require(line.find('\n') == std::string::npos, "a log string is one line");
    require(data::parse_json(line).has_value(), "a log string is JSON");
    return 0;
}
