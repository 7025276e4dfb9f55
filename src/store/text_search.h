// Searching for a part of a text with LIKE.
#pragma once

#include <string>
#include <string_view>

namespace lintel::store {

/// A pattern for LOWER(column) LIKE ... ESCAPE '\'; "%" and "_" in the text mean themselves.
std::string like_pattern(std::string_view text);

}  // namespace lintel::store
