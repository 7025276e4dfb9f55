// Searching for a part of a text with LIKE.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "store/paging.h"

namespace lintel::store {

/// A pattern for LOWER(column) LIKE ... ESCAPE '\'; "%" and "_" in the text mean themselves.
std::string like_pattern(std::string_view text);

/// What a column "searched" holds: the texts in small letters, whole ones as long as they fit into
/// an index of every database.
std::string searched_text(std::initializer_list<std::string_view> texts);
/// That it holds the text somewhere; nothing when there is none.
void add_search(Where& where, std::string_view text);

}  // namespace lintel::store
