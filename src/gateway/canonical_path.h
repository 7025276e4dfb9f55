// The one form of a path and of a host that matching, access, log and backend share. Pure
// functions: a gateway that computed them twice could be bypassed by spelling the same address
// differently.
#pragma once

#include <expected>
#include <string_view>

#include "base/arena.h"

namespace lintel::gateway {

struct CanonicalPath {
    std::string_view path;       ///< the input itself when it was canonical, else in the arena
    bool encoded_slash = false;  ///< "%2F" was seen and kept: only some services accept that
};

/// Decodes unreserved triplets, upper-cases the others, encodes printable characters that may not
/// stand in a path, merges "//" and resolves dot segments. The error says which rule the path
/// breaks: it does not start with "/", holds a broken triplet, a control, a raw non-ASCII byte,
/// space, backslash or "#", "%5C", "%00", or triplets that are not UTF-8.
std::expected<CanonicalPath, std::string_view> canonical_path(std::string_view raw, Arena& arena);

/// Lower case, without port and trailing dot. Empty stays empty (HTTP/1.0 may leave it out).
std::expected<std::string_view, std::string_view> canonical_host(std::string_view raw,
                                                                 Arena& arena);

}  // namespace lintel::gateway
