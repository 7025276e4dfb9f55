// "Authorization: Basic" as RFC 7617 defines it. Used by the Basic authenticator and by the token
// endpoint.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace lintel::auth {

struct UserPassword {
    std::string user;
    Secret password;
};

/// The text after the scheme, when the field value has this scheme (in any case).
std::optional<std::string_view> after_scheme(std::string_view authorization,
                                             std::string_view scheme);
/// Padded standard base64 of "user:password" without control characters; the first colon divides.
std::optional<UserPassword> read_basic(std::string_view encoded);

}  // namespace lintel::auth
