#include "gateway/uri_text.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace lintel::gateway {

namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

/// What may not stand in a query: everything beyond printable ASCII, and what RFC 3986 leaves out.
/// A table, because every request's query goes through it.
constexpr std::array<bool, 256> kEncodedInQuery = [] {
    std::array<bool, 256> encoded{};
    for (std::size_t byte = 0; byte < encoded.size(); ++byte) {
        encoded[byte] = byte <= 0x20 || byte >= 0x7F;
    }
    for (const char c : std::string_view("\"#<>\\^`{|}")) {
        encoded[static_cast<unsigned char>(c)] = true;
    }
    return encoded;
}();

bool must_encode_in_query(char c) {
    return kEncodedInQuery[static_cast<unsigned char>(c)];
}

void append_encoded(std::string& to, char c) {
    const auto byte = static_cast<unsigned char>(c);
    to += '%';
    to += kHex[byte >> 4U];
    to += kHex[byte & 0xFU];
}

bool is_dot_segment(std::string_view segment) {
    return segment == "." || segment == "..";
}

template <typename Check>
bool any_segment(std::string_view path, Check check) {
    while (true) {
        const std::size_t slash = path.find('/');
        if (check(path.substr(0, slash))) { return true; }
        if (slash == std::string_view::npos) { return false; }
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

std::string percent_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size() + 8);
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            append_encoded(encoded, c);
        }
    }
    return encoded;
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<std::string> path_value(std::string_view text) {
    if (has_control(text) || text.contains('\\') || any_segment(text, is_dot_segment)) {
        return std::nullopt;
    }
    return percent_encode(text);
}

std::string_view canonical_query(std::string_view query, Arena& arena) {
    if (std::ranges::none_of(query, must_encode_in_query)) { return query; }
    std::string encoded;
    encoded.reserve(query.size() * 2);
    for (const char c : query) {
        if (must_encode_in_query(c)) {
            append_encoded(encoded, c);
        } else {
            encoded += c;
        }
    }
    return arena.copy(encoded);
}

bool keeps_canonical(std::string_view path) {
    if (!path.starts_with('/')) { return false; }
    path.remove_prefix(1);
    return !path.contains("//") && !path.starts_with('/') && !any_segment(path, is_dot_segment);
}

}  // namespace lintel::gateway
