// From a typed value back to the text of its OpenAPI style: what defaults look like in a query or a
// header. Pure functions, used at publish.
#pragma once

#include <string>

#include "data/json.h"
#include "data/parameter_style.h"
#include "gateway/mapping_plan.h"

namespace lintel::gateway {

/// The query names that belong to a parameter of this shape.
QueryNames query_names(const data::ParameterShape& shape);
/// "a=1&a=2", encoded.
std::string query_fragment(const data::ParameterShape& shape, const data::Json& value);
std::string field_text(const data::ParameterShape& shape, const data::Json& value);

}  // namespace lintel::gateway
