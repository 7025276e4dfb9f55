// Documents in columns: JSON text that we wrote ourselves and trust to be whole.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "data/json.h"

namespace lintel::store {

/// Internal when the text is damaged; `what` names the row for the log.
Result<data::Json> read_document(const std::string& text, std::string_view what);

}  // namespace lintel::store
