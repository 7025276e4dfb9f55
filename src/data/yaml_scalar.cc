#include "data/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace lintel::data {
namespace {

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, text) != words.end();
}

bool all_in(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// The digits in `base`, or the nearest double when they need more than 64 bits.
Json integer(std::string_view digits, int base, bool negative) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    constexpr std::uint64_t kLowest = std::uint64_t{1} << 63;
    if (parsed.ec == std::errc() && !negative) {
        constexpr auto kLargest =
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return value <= kLargest ? Json(static_cast<std::int64_t>(value)) : Json(value);
    }
    if (parsed.ec == std::errc() && value <= kLowest) {
        return Json(static_cast<std::int64_t>(0 - value));
    }
    double wide = 0;
    for (const char c : digits) {
        const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        wide = wide * base + digit;
    }
    return Json(negative ? -wide : wide);
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
    const auto digits = [&text] {
        const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
        text.remove_prefix(count);
        return count;
    };
    std::size_t mantissa = digits();
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        mantissa += digits();
    }
    if (mantissa == 0) { return false; }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) { text.remove_prefix(1); }
        if (digits() == 0) { return false; }
    }
    return text.empty();
}

}  // namespace

std::optional<Json> resolve_plain_scalar(std::string_view text) {
    constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};
    constexpr std::array<std::string_view, 3> kTrues = {"true", "True", "TRUE"};
    constexpr std::array<std::string_view, 3> kFalses = {"false", "False", "FALSE"};
    constexpr std::array<std::string_view, 3> kInfinities = {".inf", ".Inf", ".INF"};
    constexpr std::array<std::string_view, 3> kNotNumbers = {".nan", ".NaN", ".NAN"};
    if (one_of(text, kNulls)) { return Json(nullptr); }
    if (one_of(text, kTrues)) { return Json(true); }
    if (one_of(text, kFalses)) { return Json(false); }
    if (one_of(text, kNotNumbers)) { return Json(std::numeric_limits<double>::quiet_NaN()); }
    if (text.starts_with("0o") && all_in(text.substr(2), "01234567")) {
        return integer(text.substr(2), 8, false);
    }
    if (text.starts_with("0x") && all_in(text.substr(2), "0123456789abcdefABCDEF")) {
        return integer(text.substr(2), 16, false);
    }
    const bool negative = text.starts_with('-');
    const std::string_view number = negative || text.starts_with('+') ? text.substr(1) : text;
    if (all_in(number, "0123456789")) { return integer(number, 10, negative); }
    if (one_of(number, kInfinities)) { return Json(std::numeric_limits<double>::infinity()); }
    if (!is_float(number)) { return std::nullopt; }
    double value = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
    if (parsed.ec == std::errc::result_out_of_range) {
        return Json(std::numeric_limits<double>::infinity());
    }
    return Json(negative ? -value : value);
}

}  // namespace lintel::data
