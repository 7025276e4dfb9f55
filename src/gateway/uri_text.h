// Text on its way into a URI: the one place where values become path segments and query parts. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace lintel::gateway {

/// Everything but the unreserved characters of RFC 3986 as %XX.
std::string percent_encode(std::string_view text);

/// A control character (below 0x20, or 0x7F).
bool has_control(std::string_view text);

/// The value as (part of) one path segment. nullopt when it holds a control or a backslash, or when
/// "." or ".." stands between its slashes: a backend that decodes "%2F" would climb out.
std::optional<std::string> path_value(std::string_view text);

/// A query as sent, made canonical where it is not: bytes that may not stand in a URI are encoded.
/// Almost always the text itself, else a copy in the arena.
std::string_view canonical_query(std::string_view query, Arena& arena);

/// True when no segment is empty (but for a trailing slash), "." or "..", and the path starts with
/// "/".
bool keeps_canonical(std::string_view path);

}  // namespace lintel::gateway
