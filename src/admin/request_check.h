// Checks a request against its operation: query, path, media type, body and preconditions. Pure
// functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/contract.h"
#include "data/json.h"
#include "management/management.h"

namespace lintel::admin {

/// Typed query parameters with defaults filled in. Unknown and repeated names are refused:
/// QueryInvalid with all faults.
Result<data::Json> read_query(const Operation& operation, std::string_view query);

/// Typed path parameters. A value the schema refuses is NotFound: there cannot be such an object.
Result<data::Json> read_path(const Operation& operation,
                             const std::vector<std::pair<std::string_view, std::string>>& values);

/// MediaTypeUnsupported, BodyMalformed, or FieldInvalid with all faults.
Result<data::Json> read_body(const Operation& operation, std::string_view content_type,
                             std::string_view body);

/// From `"17"` to 17 and from `*` to "whatever is there". Required and missing:
/// PreconditionRequired. A text that is no ETag of ours gives a version that never matches.
Result<management::ExpectedVersion> read_if_match(const Operation& operation,
                                                  std::string_view value);

}  // namespace lintel::admin
