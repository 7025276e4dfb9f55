// Small text primitives used everywhere: ASCII case, hex, base64, splitting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lintel {

class Arena;

/// ASCII only, locale-free.
char to_lower(char c);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);
/// Removes spaces and tabs at both ends.
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// "200", in the arena.
std::string_view digits_of(std::int64_t number, Arena& arena);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
/// RFC 4648 standard alphabet, padded.
std::string to_base64(std::string_view bytes);
/// Strict: standard alphabet, padded, no line breaks, zero trailing bits.
std::optional<std::string> from_base64(std::string_view text);
/// The same, the bytes in the arena.
std::optional<std::string_view> from_base64(std::string_view text, Arena& arena);
/// RFC 4648 section 5, without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

bool is_valid_utf8(std::string_view text);
/// Bytes of the well-formed UTF-8 character at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text);

}  // namespace lintel
