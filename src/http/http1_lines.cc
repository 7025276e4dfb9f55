#include <fmt/core.h>

#include <algorithm>

#include "http/http1.h"
#include "http/http1_text.h"

namespace lintel::http::http1 {
namespace {

/// Without the spaces and tabs around it.
std::string_view value_of(const char* begin, const char* end) {
    while (begin != end && (*begin == ' ' || *begin == '\t')) {
        ++begin;
    }
    while (begin != end && (end[-1] == ' ' || end[-1] == '\t')) {
        --end;
    }
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

void HeadLines::reset() {
    position_ = 0;
    base_ = nullptr;
    start_line_done_ = false;
    close_ = false;
    keep_alive_ = false;
    seen_ = {};
    seen_twice_ = {};
    named_.clear();
}

void HeadLines::follow(std::string_view bytes, Fields& fields) {
    if (bytes.data() == base_) { return; }
    reset();
    fields.clear();
    base_ = bytes.data();
}

Progress HeadLines::refuse(Code code, std::string detail) {
    refusal_ = Error{code, std::move(detail)};
    return Progress::Refused;
}

HeadLines::Line HeadLines::bad(std::string_view rule) {
    return bad(codes_.malformed, std::string(rule));
}

HeadLines::Line HeadLines::bad(Code code, std::string detail) {
    refusal_ = Error{code, std::move(detail)};
    return Line::Bad;
}

bool HeadLines::refuse_length(std::size_t reached) {
    const bool line = reached - position_ > limits_.field_bytes;
    refusal_ = Error{codes_.too_large,
                     line ? fmt::format("a field line is longer than {} bytes", limits_.field_bytes)
                          : fmt::format("the head is longer than {} bytes", limits_.head_bytes)};
    return true;
}

HeadLines::Line HeadLines::bad_name(const char* at, bool at_start) {
    switch (*at) {
        case ':': return bad("a field has no name");
        case '\r':
        case '\n': return bad(at_start ? "a line ends with a bare LF" : "a field has no colon");
        case ' ':
        case '\t':
            return bad(at_start ? "a field line is folded (begins with white space)"
                                : "white space stands before the colon of a field");
        default: return bad("a field name holds a character that is not allowed there");
    }
}

Progress HeadLines::read_fields(std::string_view bytes, Fields& fields) {
    while (true) {
        switch (next_field(bytes, fields)) {
            case Line::Complete: break;
            case Line::More: return Progress::More;
            case Line::Bad: return Progress::Refused;
            case Line::Empty: return Progress::Done;
        }
    }
}

HeadLines::Line HeadLines::next_field(std::string_view bytes, Fields& fields) {
    const char* const begin = bytes.data() + position_;
    const char* const end = bytes.data() + bytes.size();
    if (begin != end && *begin == '\r') { return end_of_head(bytes); }
    const char* name_end = begin + kPlainNameChars.first_outside({begin, end});
    const bool underscore = name_end != end && *name_end == '_';
    if (underscore) { name_end += kTokenCharacters.first_outside({name_end, end}); }
    const bool named = name_end != end && *name_end == ':' && name_end != begin;
    const char* const line_end =
        named ? name_end + 1 + kValueChars.first_outside({name_end + 1, end}) : name_end;
    if (too_long(static_cast<std::size_t>(line_end - bytes.data()))) { return Line::Bad; }
    if (!named || end - line_end < 2 || line_end[0] != '\r' || line_end[1] != '\n') {
        return not_a_field(bytes, name_end, line_end);
    }
    const std::string_view name(begin, name_end);
    if (fields.size() >= limits_.fields) {
        return bad(codes_.too_large,
                   fmt::format("there are more than {} header fields", limits_.fields));
    }
    if (underscore && !limits_.allow_underscores) {
        return bad(Code::RequestHeaderForbidden,
                   fmt::format("the field name '{}' holds '_'", name));
    }
    const HeaderId id = header_id(name);
    if (id != HeaderId::Other) {
        if (seen_.contains(id)) { seen_twice_.add(id); }
        seen_.add(id);
    }
    const std::string_view value = value_of(name_end + 1, line_end);
    fields.add({.name = name,
                .value = value,
                .id = id,
                .line_intact = value.data() == name_end + 2 && name_end[1] == ' ' &&
                               value.data() + value.size() == line_end});
    position_ = static_cast<std::size_t>(line_end - bytes.data()) + 2;
    return Line::Complete;
}

HeadLines::Line HeadLines::end_of_head(std::string_view bytes) {
    if (bytes.size() - position_ < 2) { return Line::More; }
    if (bytes[position_ + 1] != '\n') { return bad("a line ends with a bare CR"); }
    if (too_long(position_ + 2)) { return Line::Bad; }
    position_ += 2;
    return Line::Empty;
}

HeadLines::Line HeadLines::not_a_field(std::string_view bytes, const char* name_end,
                                       const char* line_end) {
    const char* const end = bytes.data() + bytes.size();
    if (line_end == end) { return Line::More; }
    if (line_end == name_end) { return bad_name(name_end, name_end == bytes.data() + position_); }
    if (*line_end == '\n') { return bad("a line ends with a bare LF"); }
    if (*line_end != '\r') { return bad("a field value holds a control character"); }
    if (end - line_end < 2) { return Line::More; }
    return bad("a field value holds a bare CR");
}

bool HeadLines::read_connection(const Fields& fields) {
    for (const Field& field : fields) {
        if (field.id != HeaderId::Connection) { continue; }
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            const std::string_view name = trim(rest.substr(0, comma));
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            if (name.empty()) { continue; }
            if (!is_token(name)) { return false; }
            if (equals_ignoring_case(name, "close")) {
                close_ = true;
            } else if (equals_ignoring_case(name, "keep-alive")) {
                keep_alive_ = true;
            } else if (!named_.try_push_back(name)) {
                return false;
            }
        }
    }
    return true;
}

bool HeadLines::named_in_connection(std::string_view name) const {
    return std::ranges::any_of(
        named_, [&](std::string_view named) { return equals_ignoring_case(named, name); });
}

bool HeadLines::read_length(std::string_view text, std::uint64_t& length) {
    if (text.empty() || text.size() > 18) { return false; }
    length = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') { return false; }
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

}  // namespace lintel::http::http1
