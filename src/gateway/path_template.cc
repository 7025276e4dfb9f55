#include "gateway/path_template.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "gateway/canonical_path.h"
#include "gateway/route.h"

namespace lintel::gateway {
namespace {

constexpr std::size_t kMaxSegments = 64;

std::unexpected<Error> invalid(std::string_view text, std::string_view why) {
    return fail(Code::FieldInvalid, fmt::format("the path {} {}", text, why));
}

/// Templates may hold raw UTF-8 ("/städte"); calls carry it percent-encoded.
std::string with_encoded_utf8(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

/// The literal as it stands in canonical paths.
std::expected<std::string, std::string_view> canonical_literal(std::string_view text) {
    Arena arena;
    // The leading "x" keeps dots of a mixed segment (".{format}") from reading as a dot segment.
    const std::string encoded = with_encoded_utf8(fmt::format("/x{}", text));
    const auto path = canonical_path(encoded, arena);
    if (!path) { return std::unexpected(path.error()); }
    if (path->encoded_slash) { return std::unexpected("contains an encoded slash"); }
    return std::string(path->path.substr(2));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_of("{}+*") == std::string_view::npos;
}

Result<TemplateSegment> parse_rest(std::string_view path, std::string_view text) {
    TemplateSegment segment{.kind = TemplateSegment::Kind::Rest};
    if (text == "*") {
        segment.names.emplace_back("*");
        segment.rest_may_be_empty = true;
        return segment;
    }
    const std::string_view name = text.substr(1, text.size() - 3);
    if (!is_name(name)) { return invalid(path, "has a parameter without a proper name"); }
    segment.names.emplace_back(name);
    return segment;
}

/// `rest` starts behind the opening brace; returns what follows the closing one.
Result<std::string_view> parse_parameter(std::string_view path, std::string_view rest,
                                         TemplateSegment& segment) {
    const auto close = rest.find('}');
    if (close == std::string_view::npos) { return invalid(path, "has a { without a }"); }
    const std::string_view name = rest.substr(0, close);
    if (name.ends_with('+')) {
        return invalid(path, "has a {name+} that is not its whole last segment");
    }
    if (!is_name(name)) { return invalid(path, "has a parameter without a proper name"); }
    if (!segment.names.empty() && segment.literals.back().empty()) {
        return invalid(path, "has two parameters with nothing between them");
    }
    segment.names.emplace_back(name);
    return rest.substr(close + 1);
}

Result<TemplateSegment> parse_segment(std::string_view path, std::string_view text, bool last) {
    if (last && (text == "*" || (text.starts_with('{') && text.ends_with("+}") &&
                                 text.find('}') == text.size() - 1))) {
        return parse_rest(path, text);
    }
    TemplateSegment segment;
    for (std::string_view rest = text;;) {
        const auto open = rest.find('{');
        const auto literal = canonical_literal(rest.substr(0, open));
        if (!literal) { return invalid(path, literal.error()); }
        segment.literals.push_back(*literal);
        if (open == std::string_view::npos) { break; }
        ASSIGN_OR_RETURN(rest, parse_parameter(path, rest.substr(open + 1), segment));
    }
    if (segment.names.empty()) { return segment; }
    const bool bare = segment.names.size() == 1 && segment.literal_length() == 0;
    segment.kind = bare ? TemplateSegment::Kind::Parameter : TemplateSegment::Kind::Mixed;
    return segment;
}

}  // namespace

std::size_t TemplateSegment::literal_length() const {
    std::size_t length = 0;
    for (const std::string& literal : literals) {
        length += literal.size();
    }
    return length;
}

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
    if (!text.starts_with('/')) { return invalid(text, "must start with \"/\""); }
    if (text == "/-" || text.starts_with("/-/")) {
        return invalid(text, "must not start with \"/-/\": these addresses are Lintel's own");
    }
    const std::vector<std::string_view> parts = split(text.substr(1), '/');
    if (parts.size() > kMaxSegments) {
        return invalid(text, fmt::format("has more than {} segments", kMaxSegments));
    }
    PathTemplate result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        if ((parts[i].empty() && !last) || parts[i] == "." || parts[i] == "..") {
            return invalid(text, "has an empty or a dot segment, so no call could reach it");
        }
        ASSIGN_OR_RETURN(TemplateSegment segment, parse_segment(text, parts[i], last));
        result.segments.push_back(std::move(segment));
    }
    std::vector<std::string> names = result.names();
    if (names.size() > PathParameters::kMost) {
        return invalid(text, fmt::format("has more than {} parameters", PathParameters::kMost));
    }
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) {
        return invalid(text, "names a parameter twice");
    }
    return result;
}

bool PathTemplate::is_literal() const {
    return std::ranges::all_of(segments, [](const TemplateSegment& segment) {
        return segment.kind == TemplateSegment::Kind::Literal;
    });
}

std::string PathTemplate::literal_path() const {
    if (!is_literal()) { return {}; }
    return shape();
}

std::vector<std::string> PathTemplate::names() const {
    std::vector<std::string> all;
    for (const TemplateSegment& segment : segments) {
        all.insert(all.end(), segment.names.begin(), segment.names.end());
    }
    return all;
}

std::string PathTemplate::shape() const {
    std::string out;
    for (const TemplateSegment& segment : segments) {
        out.push_back('/');
        if (segment.kind == TemplateSegment::Kind::Rest) {
            out += segment.rest_may_be_empty ? "*" : "{+}";
            continue;
        }
        out += segment.literals[0];
        for (std::size_t i = 1; i < segment.literals.size(); ++i) {
            out += "{}";
            out += segment.literals[i];
        }
    }
    return out;
}

}  // namespace lintel::gateway
