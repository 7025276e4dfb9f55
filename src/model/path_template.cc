// Path templates: "/pets/{id}", "/files/{name}.json", "/docs/{rest+}", "/static/*".
#include <set>

#include "base/ascii.h"
#include "base/text.h"
#include "model/rules.h"

namespace lintel::model {

namespace {

constexpr std::size_t kMaxParameterName = 64;

std::unexpected<Error> malformed(std::string detail) {
    return fail(Code::FieldInvalid, std::move(detail));
}

/// A literal must be something a canonical request path can contain, or no call would ever match.
Status check_literal(std::string_view literal) {
    for (std::size_t i = 0; i < literal.size(); ++i) {
        const char c = literal[i];
        if (c == '%') {
            if (triplet_value(literal.substr(i)) < 0) {
                return malformed("has a '%' that is not followed by two hexadecimal digits");
            }
            i += 2;
        } else if (!is_unreserved(c) && !std::string_view("!$&'()*+,;=:@").contains(c)) {
            return malformed(std::string("contains a character that no request path can contain ") +
                             (c > 0x20 && c < 0x7f ? "('" + std::string(1, c) + "')"
                                                   : "(a space, control or non-ASCII one)") +
                             "; percent-encode it");
        }
    }
    return {};
}

/// Adds the parameters of one segment to `names`.
Status read_segment(std::string_view segment, bool is_last, std::vector<std::string>& names) {
    if (segment == "." || segment == "..") {
        return malformed("contains the segment '" + std::string(segment) +
                         "', which a canonical path never has");
    }
    if (segment == "*") {
        return is_last ? Status{} : malformed("may have '*' as the last segment only");
    }
    bool after_parameter = false;
    while (!segment.empty()) {
        const std::size_t open = segment.find_first_of("{}");
        RETURN_IF_ERROR(check_literal(segment.substr(0, open)));
        if (open == std::string_view::npos) { return {}; }
        if (segment[open] == '}') { return malformed("has a '}' without a '{'"); }
        if (after_parameter && open == 0) {
            return malformed("has two parameters without a character between them");
        }
        const std::size_t close = segment.find_first_of("{}", open + 1);
        if (close == std::string_view::npos || segment[close] == '{') {
            return malformed("has a '{' without a '}' in the same segment");
        }
        std::string_view name = segment.substr(open + 1, close - open - 1);
        if (name.ends_with('+')) {
            const bool whole = open == 0 && close + 1 == segment.size() && !after_parameter;
            if (!is_last || !whole) {
                return malformed("may have '{" + std::string(name) +
                                 "}' as the whole last segment only");
            }
            name.remove_suffix(1);
        }
        if (name.empty() || name.size() > kMaxParameterName) {
            return malformed("has a parameter name that is empty or longer than 64 characters");
        }
        names.emplace_back(name);
        segment.remove_prefix(close + 1);
        after_parameter = true;
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> path_parameters(std::string_view path) {
    if (!path.starts_with('/')) { return malformed("must start with '/'"); }
    if (path.size() > kMaxPathLength) {
        return malformed("is longer than " + std::to_string(kMaxPathLength) + " bytes");
    }
    if (path == "/-" || path.starts_with("/-/")) {
        return malformed("must not start with '/-/', which is reserved for the gateway");
    }
    std::vector<std::string> names;
    const std::vector<std::string_view> segments = split(path.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool is_last = i + 1 == segments.size();
        if (segments[i].empty() && !is_last) {
            return malformed("contains '//', which a canonical path never has");
        }
        RETURN_IF_ERROR(read_segment(segments[i], is_last, names));
    }
    const std::set<std::string> distinct(names.begin(), names.end());
    if (distinct.size() != names.size()) { return malformed("names a path parameter twice"); }
    return names;
}

std::string path_shape(std::string_view path) {
    std::string shape;
    bool inside = false;
    for (const char c : path) {
        if (c == '}') { inside = false; }
        if (!inside || c == '+') { shape += c; }
        if (c == '{') { inside = true; }
    }
    return shape;
}

}  // namespace lintel::model
