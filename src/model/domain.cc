#include "model/domain.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<TlsVersion, 2> kVersions{{{TlsVersion::Tls12, "1.2"}, {TlsVersion::Tls13, "1.3"}}};
constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

std::unexpected<Error> no_name(std::string detail) {
    std::string message = "/name " + detail + ".";
    return fail({.code = Code::FieldInvalid,
                 .message = std::move(message),
                 .faults = {{"/name", "domain.name", std::move(detail)}}});
}

/// RFC 1123 section 2.1.
bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
           label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

std::string_view name(TlsVersion version) {
    return name_of(kVersions, version);
}
std::optional<TlsVersion> parse_tls_version(std::string_view text) {
    return value_of(kVersions, text);
}

Result<std::string> canonical_domain_name(std::string_view given) {
    std::string name = to_lower(given);
    if (name.ends_with('.')) { name.pop_back(); }
    if (name.empty() || name.size() > kMaxName) { return no_name("must have 1 to 253 characters"); }
    if (std::ranges::any_of(name, [](char c) { return static_cast<signed char>(c) < 0; })) {
        return no_name("must be in its ASCII form: xn--bcher-kva.example for bücher.example");
    }
    std::string_view rest = name;
    const bool is_wildcard = rest.starts_with("*.");
    if (is_wildcard) { rest.remove_prefix(2); }
    const std::vector<std::string_view> labels = split(rest, '.');
    if (is_wildcard && labels.size() < 2) {
        return no_name("is a wildcard for too much; *.example.com is as short as it gets");
    }
    if (!std::ranges::all_of(labels, is_label)) {
        return no_name(
            "must be a host name, or '*.' and one: labels of letters, digits and '-' "
            "between dots, without scheme, port or path");
    }
    if (std::ranges::all_of(labels.back(), is_digit)) {
        return no_name("is an address; a domain needs a name");
    }
    return name;
}

std::string_view fault_of_path_prefix(std::string_view prefix) {
    if (!prefix.starts_with('/')) { return "must begin with '/'"; }
    if (prefix.size() > kMaxPathPrefix) { return "may have at most 512 characters"; }
    if (prefix == "/") { return {}; }
    for (const std::string_view segment : split(prefix.substr(1), '/')) {
        if (segment.empty()) { return "must not hold '//' or end with '/'"; }
        if (segment == "." || segment == "..") { return "must not hold '.' or '..' as a segment"; }
        // What needs an escape has more than one spelling; a prefix has one.
        const bool is_plain = std::ranges::all_of(segment, is_unreserved);
        if (!is_plain) { return "may hold letters, digits and '-._~' between its slashes"; }
    }
    return {};
}

}  // namespace lintel::model
