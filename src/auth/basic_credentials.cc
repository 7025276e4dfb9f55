#include "auth/basic_credentials.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace lintel::auth {

std::optional<std::string_view> after_scheme(std::string_view authorization,
                                             std::string_view scheme) {
    const std::string_view found = authorization.substr(0, authorization.find(' '));
    if (!equals_ignoring_case(found, scheme)) { return std::nullopt; }
    return trim(authorization.substr(found.size()));
}

std::optional<UserPassword> read_basic(std::string_view encoded) {
    std::optional<std::string> decoded = from_base64(encoded);
    if (!decoded) { return std::nullopt; }
    const std::size_t colon = decoded->find(':');
    const bool has_control = std::ranges::any_of(
        *decoded, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    std::optional<UserPassword> read;
    if (colon != std::string::npos && !has_control) {
        read.emplace(decoded->substr(0, colon),
                     Secret(std::string_view(*decoded).substr(colon + 1)));
    }
    explicit_bzero(decoded->data(), decoded->size());
    return read;
}

}  // namespace lintel::auth
