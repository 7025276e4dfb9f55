#include "data/schema_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "data/schema_node.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxQuotedLength = 200;  // of what a fault repeats from the schema

/// A decimal number digits * 10^exponent, exact as written by its shortest form.
struct Decimal {
    unsigned long long digits = 0;
    int exponent = 0;
};

Decimal decimal(const Json& number) {
    if (number.is_number_unsigned()) { return {number.get<std::uint64_t>(), 0}; }
    if (number.is_number_integer()) {
        const auto value = number.get<std::int64_t>();
        return {
            value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value),
            0};
    }
    Decimal result;
    const std::string text =
        fmt::format("{}", std::fabs(number.get<double>()));  // at most 17 digits
    const std::size_t e = text.find('e');
    bool fraction = false;
    for (const char c : text.substr(0, e)) {
        if (c == '.') {
            fraction = true;
            continue;
        }
        // "1000000000000000" and the like: digits beyond the 17 of a double are zeros.
        if (result.digits > 999'999'999'999'999'999ULL) {
            result.exponent += fraction ? 0 : 1;
            continue;
        }
        result.digits = result.digits * 10 + static_cast<unsigned long long>(c - '0');
        result.exponent -= fraction ? 1 : 0;
    }
    if (e != std::string::npos) { result.exponent += std::atoi(text.c_str() + e + 1); }
    return result;
}

/// One text per value, the same for equal values, so that duplicates are found by sorting.
void canonical_text(const Json& value, std::string& out) {
    if (value.is_object()) {
        std::vector<std::pair<std::string_view, const Json*>> members;
        for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
            members.emplace_back(name, &member);
        }
        std::ranges::sort(members, {}, [](const auto& member) { return member.first; });
        out += '{';
        for (const auto& [name, member] : members) {
            out += Json(name).dump(-1, ' ', false, Json::error_handler_t::replace);
            canonical_text(*member, out);
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        for (const Json& element : value) {
            canonical_text(element, out);
            out += ',';
        }
        out += ']';
    } else if (value.is_number_float() && is_integer(value) &&
               std::fabs(value.get<double>()) < 9.2e18) {
        out += fmt::format("{}", static_cast<std::int64_t>(value.get<double>()));
    } else {
        out += dump(value);
    }
}

}  // namespace

std::uint8_t bits_of(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null: return kNull;
        case Json::value_t::boolean: return kBoolean;
        case Json::value_t::string: return kString;
        case Json::value_t::array: return kArray;
        case Json::value_t::object: return kObject;
        default:
            return is_integer(value) ? static_cast<std::uint8_t>(kInteger | kNumber)
                                     : std::uint8_t{kNumber};
    }
}

std::string names_of(std::uint8_t types) {
    constexpr std::array<std::pair<std::uint8_t, std::string_view>, 6> kNames = {
        {{kString, "string"},
         {kNumber, "number"},
         {kBoolean, "boolean"},
         {kArray, "array"},
         {kObject, "object"},
         {kNull, "null"}}};
    std::vector<std::string_view> names;
    for (const auto& [bit, name] : kNames) {
        if ((types & bit) != 0) { names.push_back(name); }
    }
    if ((types & kInteger) != 0 && (types & kNumber) == 0) {
        names.insert(names.begin(), "integer");
    }
    return fmt::format("{}", fmt::join(names, " or "));
}

std::string shortened(std::string text) {
    if (text.size() <= kMaxQuotedLength) { return text; }
    std::size_t end = kMaxQuotedLength;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
        --end;
    }
    return text.substr(0, end) + "...";
}

std::string described(const Json& value) {
    if (value.is_number() || value.is_boolean()) { return shortened(dump(value)); }
    if (value.is_string()) {
        return fmt::format("a string of {} bytes", value.get_ref<const std::string&>().size());
    }
    return std::string(type_name(value));
}

std::string listed(const std::vector<Json>& values) {
    std::string text;
    for (const Json& value : values) {
        if (text.size() > kMaxQuotedLength) { break; }
        text += (text.empty() ? "" : ", ") + dump(value);
    }
    return shortened(std::move(text));
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

bool is_multiple(const Json& number, const Json& factor) {
    using Wide = unsigned __int128;
    const Decimal value = decimal(number);
    const Decimal unit = decimal(factor);
    if (value.digits == 0) { return true; }
    const int shift = value.exponent - unit.exponent;
    if (shift >= 0) {
        Wide rest = value.digits % unit.digits;
        for (int i = 0; i < shift && rest != 0; ++i) {
            rest = rest * 10 % unit.digits;
        }
        return rest == 0;
    }
    Wide divisor = unit.digits;
    for (int i = 0; i < -shift; ++i) {
        divisor *= 10;
        if (divisor > value.digits) { return false; }
    }
    return value.digits % divisor == 0;
}

bool all_unique(const Json& array) {
    std::vector<std::string> texts(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        canonical_text(array[i], texts[i]);
    }
    std::ranges::sort(texts);
    return std::ranges::adjacent_find(texts) == texts.end();
}

}  // namespace lintel::data
