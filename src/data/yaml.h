// YAML text to JSON and back. The reader accepts the part of YAML 1.2 that JSON can hold (core
// schema) and enforces its budgets while it parses, because a few hundred bytes of aliases can
// stand for gigabytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/json.h"

namespace lintel::data {

struct YamlLimits {
    std::size_t max_depth = 64;      ///< after aliases are expanded
    std::size_t max_nodes = 50'000;  ///< after aliases and merge keys are expanded
    std::size_t max_aliases = 100;   ///< as written
};

/// One UTF-8 document. Plain scalars follow the core schema: `yes`, `on` and `12:30` are strings,
/// `3.0` is the number 3.0, `0o17` is 15. Member names are taken as written, so `200:` becomes
/// "200". Merge keys (`<<`) are expanded. Refused: duplicate keys, tags outside the core schema,
/// several documents, UTF-16, control characters, .inf and .nan. Fails with Code::FileInvalid and
/// one fault whose detail starts with "line L, column C: ".
Result<Json> parse_yaml(std::string_view text, const YamlLimits& limits = {});

/// Block style; a string that could be read as something else is quoted. parse_yaml gives the same
/// value back.
std::string to_yaml(const Json& value);

}  // namespace lintel::data
