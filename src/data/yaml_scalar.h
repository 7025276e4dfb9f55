// Which value a plain scalar stands for in the core schema of YAML 1.2. Used by the reader, and by
// the writer to know what to quote.
#pragma once

#include <optional>
#include <string_view>

#include "data/json.h"

namespace lintel::data {

/// null, booleans and numbers; nullopt: it is a string. ".inf" and ".nan" give a double JSON cannot
/// write.
std::optional<Json> resolve_plain_scalar(std::string_view text);

}  // namespace lintel::data
