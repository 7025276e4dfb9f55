#include "gateway/request_body.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "gateway/uri_text.h"

namespace lintel::gateway {

using data::Json;

Task<Result<std::span<const char>>> LimitedBody::read() {
    Result<std::span<const char>> piece = co_await inner_.read();
    if (piece && piece->size() > left_) {
        left_ = 0;
        co_return fail(Code::RequestBodyTooLarge, "the body is larger than the limit");
    }
    if (piece) { left_ -= piece->size(); }
    co_return piece;
}

namespace {

void add_untyped(Json& object, const std::string& name, std::string value) {
    const auto at = object.find(name);
    if (at == object.end()) {
        object[name] = std::move(value);
    } else if (at->is_array()) {
        at->push_back(std::move(value));
    } else {
        Json values = Json::array();
        values.push_back(std::move(*at));
        values.push_back(std::move(value));
        *at = std::move(values);
    }
}

void append_pair(std::string& form, std::string_view name, const Json& value) {
    if (!form.empty()) { form += '&'; }
    form += percent_encode(name);
    form += '=';
    form += percent_encode(text_of(value));
}

/// The end of the parameter that begins at `at`: its ';', or the end of the line. A quoted file
/// name may hold a semicolon, so what stands in quotes is skipped.
std::size_t end_of_parameter(std::string_view line, std::size_t at) {
    bool quoted = false;
    for (; at < line.size() && (quoted || line[at] != ';'); ++at) {
        if (line[at] == '\\' && quoted) {
            ++at;
        } else if (line[at] == '"') {
            quoted = !quoted;
        }
    }
    return std::min(at, line.size());
}

/// A token as it stands, or what a quoted string says.
std::string unquoted(std::string_view value) {
    if (!value.starts_with('"')) { return std::string(value); }
    std::string text;
    for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) { ++i; }
        text += value[i];
    }
    return text;
}

/// The name="..." of a Content-Disposition line; nullopt when it is not one of a form field.
std::optional<std::string> field_name(std::string_view line) {
    constexpr std::string_view kHeader = "content-disposition:";
    constexpr std::string_view kName = "name=";
    if (!equals_ignoring_case(line.substr(0, kHeader.size()), kHeader)) { return std::nullopt; }
    std::size_t at = end_of_parameter(line, kHeader.size());
    while (at < line.size()) {
        const std::size_t end = end_of_parameter(line, at + 1);
        const std::string_view parameter = trim(line.substr(at + 1, end - at - 1));
        if (parameter.size() > kName.size() &&
            equals_ignoring_case(parameter.substr(0, kName.size()), kName)) {
            return unquoted(parameter.substr(kName.size()));
        }
        at = end;
    }
    return std::nullopt;
}

}  // namespace

Result<Json> read_form(std::string_view text, std::span<const data::ParameterShape> shapes,
                       std::string_view pointer, std::vector<Fault>& faults) {
    ASSIGN_OR_RETURN(const std::vector<data::RawPair> pairs,
                     data::split_query(text, kMaxFormPairs));
    Json object = Json::object();
    for (const data::RawPair& pair : pairs) {
        std::string name = data::percent_decode(pair.name, true);
        if (std::ranges::find(shapes, name, &data::ParameterShape::name) == shapes.end()) {
            add_untyped(object, name, data::percent_decode(pair.value, true));
        }
    }
    for (const data::ParameterShape& shape : shapes) {
        Result<std::optional<Json>> value = data::read_query_parameter(shape, pairs);
        if (!value) {
            faults.push_back({data::child_pointer(pointer, shape.name), "schema.type",
                              std::move(value.error().message)});
        } else if (*value) {
            object[shape.name] = std::move(**value);
        }
    }
    return object;
}

std::string write_form(const Json& object) {
    std::string form;
    for (const auto& [name, value] : object.items()) {
        if (!value.is_array()) {
            append_pair(form, name, value);
            continue;
        }
        for (const Json& item : value) {
            append_pair(form, name, item);
        }
    }
    return form;
}

Result<std::vector<std::string>> multipart_names(std::string_view text, std::string_view boundary) {
    const auto malformed = [](std::string message) {
        return fail(Code::RequestInvalid, std::move(message));
    };
    if (boundary.empty() || boundary.size() > 70) {
        return malformed("Content-Type names no usable boundary");
    }
    const std::string delimiter = "--" + std::string(boundary);
    std::size_t at = text.starts_with(delimiter) ? 0 : text.find("\r\n" + delimiter);
    if (at == std::string_view::npos) {
        return malformed("the boundary does not occur in the body");
    }
    if (at != 0) { at += 2; }
    std::vector<std::string> names;
    while (true) {
        at += delimiter.size();
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("--")) { return names; }
        const std::size_t line_end = rest.find("\r\n");
        const std::size_t head_end = rest.find("\r\n\r\n", line_end);
        if (line_end == std::string_view::npos || head_end == std::string_view::npos ||
            !trim(rest.substr(0, line_end)).empty()) {
            return malformed("a part of the body has no end or no header");
        }
        std::optional<std::string> name;
        std::string_view head = rest.substr(line_end, head_end - line_end);
        while (!head.empty() && !name) {
            head.remove_prefix(2);
            const std::size_t end = std::min(head.find("\r\n"), head.size());
            name = field_name(head.substr(0, end));
            head.remove_prefix(end);
        }
        if (!name) { return malformed("a part of the body has no name"); }
        if (names.size() == kMaxMultipartFields) {
            return malformed("the body has too many parts");
        }
        names.push_back(std::move(*name));
        const std::size_t next = rest.find("\r\n" + delimiter, head_end + 2);
        if (next == std::string_view::npos) {
            return malformed("the last part of the body has no end");
        }
        at += next + 2;
    }
}

std::string text_of(const Json& value) {
    if (value.is_string()) { return value.get_ref<const std::string&>(); }
    if (value.is_null()) { return {}; }
    return data::dump(value);
}

}  // namespace lintel::gateway
