#include "data/schema_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/ip_address.h"
#include "base/text.h"

namespace lintel::data {
namespace {

/// Digits at `text`'s start as a number, which are removed; nullopt when they are not all digits.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits || !std::ranges::all_of(text.substr(0, digits), is_digit)) {
        return std::nullopt;
    }
    int number = 0;
    for (const char c : text.substr(0, digits)) {
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || to_lower(text.front()) != expected) { return false; }
    text.remove_prefix(1);
    return true;
}

bool take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) { return false; }
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, '-')) { return false; }
    const auto day = take_number(text, 2);
    const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int days = kDays[static_cast<std::size_t>(*month - 1)] + (*month == 2 && leap ? 1 : 0);
    return day && *day >= 1 && *day <= days;
}

/// RFC 3339 full-time.
bool take_time(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) { return false; }
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) { return false; }
    const auto second = take_number(text, 2);
    if (!second || *second > 60) { return false; }
    if (take(text, '.')) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0) { return false; }
        text.remove_prefix(digits);
    }
    if (take(text, 'z')) { return true; }
    if (!take(text, '+') && !take(text, '-')) { return false; }
    const auto offset_hour = take_number(text, 2);
    if (!offset_hour || *offset_hour > 23 || !take(text, ':')) { return false; }
    const auto offset_minute = take_number(text, 2);
    return offset_minute && *offset_minute <= 59;
}

bool is_date(std::string_view text) {
    return take_date(text) && text.empty();
}

bool is_date_time(std::string_view text) {
    return take_date(text) && take(text, 't') && take_time(text) && text.empty();
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) { return false; }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !is_hex_digit(text[i])) { return false; }
    }
    return true;
}

bool is_domain(std::string_view text) {
    if (text.empty() || text.size() > 253) { return false; }
    return std::ranges::all_of(split(text, '.'), [](std::string_view label) {
        const auto allowed = [](char c) {
            return is_letter(c) || is_digit(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
        };
        return !label.empty() && label.size() <= 63 && label.front() != '-' &&
               label.back() != '-' && std::ranges::all_of(label, allowed);
    });
}

bool is_ipv4(std::string_view text) {
    return text.find(':') == std::string_view::npos && IpAddress::parse(text).has_value();
}

bool is_ipv6(std::string_view text) {
    return text.find(':') != std::string_view::npos && IpAddress::parse(text).has_value();
}

bool is_email(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64) { return false; }
    const std::string_view local = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
    const auto atom = [](char c) {
        return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    };
    const bool dots =
        local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos;
    if (!quoted && (!dots || !std::ranges::all_of(local, atom))) { return false; }
    if (domain.starts_with('[') && domain.ends_with(']')) {
        const std::string_view literal = domain.substr(1, domain.size() - 2);
        return literal.starts_with("IPv6:") ? is_ipv6(literal.substr(5)) : is_ipv4(literal);
    }
    return is_domain(domain);
}

/// RFC 3986 with a scheme: only its characters, and % only before two hex digits.
bool is_uri(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) { return false; }
    const auto in_scheme = [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    if (!std::ranges::all_of(text.substr(0, colon), in_scheme)) { return false; }
    std::size_t fragments = 0;
    for (std::size_t i = colon + 1; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (triplet_value(text.substr(i)) < 0) { return false; }
            continue;
        }
        fragments += c == '#' ? 1U : 0U;
        if (!is_letter(c) && !is_digit(c) &&
            std::string_view("-._~:/?#[]@!$&'()*+,;=").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return fragments <= 1;
}

}  // namespace

StringFormat string_format(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, StringFormat>, 8> kFormats = {{
        {"byte", StringFormat::Byte},
        {"date", StringFormat::Date},
        {"date-time", StringFormat::DateTime},
        {"uuid", StringFormat::Uuid},
        {"email", StringFormat::Email},
        {"ipv4", StringFormat::Ipv4},
        {"ipv6", StringFormat::Ipv6},
        {"uri", StringFormat::Uri},
    }};
    const auto found =
        std::ranges::find(kFormats, name, [](const auto& entry) { return entry.first; });
    return found == kFormats.end() ? StringFormat::None : found->second;
}

bool matches(StringFormat format, std::string_view text) {
    switch (format) {
        case StringFormat::None: return true;
        case StringFormat::Byte: return from_base64(text).has_value();
        case StringFormat::Date: return is_date(text);
        case StringFormat::DateTime: return is_date_time(text);
        case StringFormat::Uuid: return is_uuid(text);
        case StringFormat::Email: return is_email(text);
        case StringFormat::Ipv4: return is_ipv4(text);
        case StringFormat::Ipv6: return is_ipv6(text);
        case StringFormat::Uri: return is_uri(text);
    }
    return true;
}

}  // namespace lintel::data
