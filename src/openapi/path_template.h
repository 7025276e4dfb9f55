// Paths of OpenAPI documents: "/pets/{id}", with literals around parameters ("/{a}:{b}") and
// "{rest+}" as last segment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lintel::openapi {

struct PathTemplate {
    std::vector<std::string> names;  ///< of the parameters in order, "{rest+}" as "rest"
    std::string shape;               ///< the same for "/a/{x}" and "/a/{y}"
    bool takes_rest = false;         ///< the last segment is "{rest+}"
};

/// Fails with a message that says what is wrong with the braces.
Result<PathTemplate> parse_path_template(std::string_view path);

/// Why no request can ever have this path; nullopt: it can be called.
std::optional<std::string_view> never_callable(std::string_view path);

}  // namespace lintel::openapi
