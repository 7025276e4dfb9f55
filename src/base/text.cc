#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "base/arena.h"
#include "base/ascii.h"

namespace lintel {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> reverse(std::string_view alphabet) {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}
constexpr auto kStandardReverse = reverse(kStandard);
constexpr auto kUrlReverse = reverse(kUrl);

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (have += 8; have >= 6;) {
            have -= 6;
            out.push_back(alphabet[(bits >> have) & 63]);
        }
    }
    if (have > 0) { out.push_back(alphabet[(bits << (6 - have)) & 63]); }
    while (padded && out.size() % 4 != 0) {
        out.push_back('=');
    }
    return out;
}

/// Bytes of an unpadded text of so many characters.
constexpr std::size_t decoded_size(std::size_t characters) {
    return characters / 4 * 3 + characters % 4 * 3 / 4;
}

/// Writes decoded_size() bytes. False: the text is not what encode() makes, padding aside.
bool decode(std::string_view text, const std::array<std::int8_t, 256>& table, char* out) {
    if (text.size() % 4 == 1) { return false; }
    std::uint32_t bits = 0;
    int have = 0;
    std::int8_t all = 0;  // negative once one was
    for (const char c : text) {
        const std::int8_t value = table[static_cast<unsigned char>(c)];
        all = static_cast<std::int8_t>(all | value);
        bits = (bits << 6) | (static_cast<unsigned char>(value) & 63U);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *out++ = static_cast<char>((bits >> have) & 255);
        }
    }
    return all >= 0 && (bits & ((1U << have) - 1)) == 0;
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::int8_t, 256>& table) {
    std::string bytes(decoded_size(text.size()), '\0');
    if (!decode(text, table, bytes.data())) { return std::nullopt; }
    return bytes;
}

/// Nothing: no multiple of four characters.
std::optional<std::string_view> without_padding(std::string_view text) {
    if (text.size() % 4 != 0) { return std::nullopt; }
    for (int i = 0; i < 2 && text.ends_with('='); ++i) {
        text.remove_suffix(1);
    }
    return text;
}

/// Length of a multi-byte sequence by its first byte; 0 for a byte that starts none.
std::size_t length_by_lead(unsigned char lead) {
    if (lead >= 0xC2 && lead < 0xE0) { return 2; }
    if ((lead & 0xF0) == 0xE0) { return 3; }
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

}  // namespace

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = to_lower(c);
    }
    return out;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) { return false; }
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (to_lower(left[i]) != to_lower(right[i])) { return false; }
    }
    return true;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) { return parts; }
        text.remove_prefix(at + 1);
    }
}

std::string_view digits_of(std::int64_t number, Arena& arena) {
    const fmt::format_int digits(number);
    return arena.copy({digits.data(), digits.size()});
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 15]);
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) { return std::nullopt; }
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) { return std::nullopt; }
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    return encode(bytes, kStandard, true);
}

std::optional<std::string> from_base64(std::string_view text) {
    const auto bare = without_padding(text);
    return bare ? decode(*bare, kStandardReverse) : std::nullopt;
}

std::optional<std::string_view> from_base64(std::string_view text, Arena& arena) {
    const auto bare = without_padding(text);
    if (!bare) { return std::nullopt; }
    const std::size_t size = decoded_size(bare->size());
    char* const bytes = static_cast<char*>(arena.allocate(size, 1));
    if (!decode(*bare, kStandardReverse, bytes)) { return std::nullopt; }
    return std::string_view(bytes, size);
}

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, kUrl, false);
}
std::optional<std::string> from_base64url(std::string_view text) {
    return decode(text, kUrlReverse);
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) { return false; }
        text.remove_prefix(length);
    }
    return true;
}

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) { return 0; }
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) { return 1; }
    const std::size_t length = length_by_lead(lead);
    if (length == 0 || length > text.size()) { return 0; }
    std::uint32_t point = lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text[k]);
        if ((next & 0xC0) != 0x80) { return 0; }
        point = (point << 6) | (next & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    return surrogate || overlong || point > 0x10FFFF ? 0 : length;
}

}  // namespace lintel
