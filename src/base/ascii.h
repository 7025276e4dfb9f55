// Classes of ASCII characters, as the grammars of URIs and HTTP name them; never those of a locale.
#pragma once

#include <string_view>

#include "base/byte_set.h"

namespace lintel {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
constexpr bool is_alphanumeric(char c) {
    return is_letter(c) || is_digit(c);
}

/// RFC 3986 section 2.3: never needs encoding in a URI.
constexpr bool is_unreserved(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// RFC 9110 section 5.6.2: methods, field names, the halves of a media type.
constexpr bool is_token_character(char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}
inline constexpr ByteSet kTokenCharacters = ByteSet::of(is_token_character);
inline bool is_token(std::string_view text) {
    return !text.empty() && kTokenCharacters.contains_all(text);
}

/// 0 to 15; -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
    if (is_digit(c)) { return c - '0'; }
    if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

constexpr bool is_hex_digit(char c) {
    return hex_value(c) >= 0;
}

/// The byte that a percent-encoded triplet at the start of `text` stands for; -1 when there is
/// none.
constexpr int triplet_value(std::string_view text) {
    if (text.size() < 3 || text[0] != '%') { return -1; }
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace lintel
