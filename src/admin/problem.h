// Errors of the management API as RFC 9457 problem documents.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "data/json.h"

namespace lintel::admin {

/// {type, title, status, detail, code, fix, request_id, errors?}. The private cause stays out.
data::Json to_problem(const Error& error, std::string_view request_id);

}  // namespace lintel::admin
