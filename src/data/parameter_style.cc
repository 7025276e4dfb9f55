#include "data/parameter_style.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxElements = 1'000;  // elements or properties of one parameter

constexpr std::array<std::pair<ParameterStyle, std::string_view>, 8> kStyles = {{
    {ParameterStyle::Simple, "simple"},
    {ParameterStyle::Label, "label"},
    {ParameterStyle::Matrix, "matrix"},
    {ParameterStyle::Form, "form"},
    {ParameterStyle::SpaceDelimited, "spaceDelimited"},
    {ParameterStyle::PipeDelimited, "pipeDelimited"},
    {ParameterStyle::DeepObject, "deepObject"},
    {ParameterStyle::Json, "json"},
}};

ValueType property_type(const ParameterShape& shape, std::string_view name) {
    const auto found = std::ranges::find(shape.properties, name,
                                         [](const auto& property) { return property.first; });
    return found == shape.properties.end() ? ValueType::String : found->second;
}

std::unexpected<Error> invalid(std::string message) {
    return fail(Code::RequestInvalid, std::move(message));
}

Result<Json> parse_json_value(std::string_view text) {
    auto value = parse_json(text);
    if (!value) { return invalid("must be JSON text"); }
    return value;
}

/// The text of a parameter, its parts still as sent. Headers are not percent-encoded; a path knows
/// no '+' for space.
class Reader {
public:
    enum class Decoding { None, Percent, Form };

    Reader(const ParameterShape& shape, Decoding decoding) : shape_(shape), decoding_(decoding) {}

    std::string decode(std::string_view text) const {
        if (decoding_ == Decoding::None) { return std::string(trim(text)); }
        return percent_decode(text, decoding_ == Decoding::Form);
    }

    Result<Json> scalar(std::string_view text, ValueType type) const {
        return parse_scalar(decode(text), type);
    }

    Result<Json> array(const std::vector<std::string_view>& parts) const {
        if (parts.size() > kMaxElements) {
            return invalid(fmt::format("has more than {} elements", kMaxElements));
        }
        Json result = Json::array();
        for (const std::string_view part : parts) {
            ASSIGN_OR_RETURN(Json value, scalar(part, shape_.items));
            result.push_back(std::move(value));
        }
        return result;
    }

    Status set(Json& object, std::string_view name, std::string_view value) const {
        const std::string key = decode(name);
        if (object.contains(key)) {
            return invalid(fmt::format("has the property '{}' twice", key));
        }
        if (object.size() >= kMaxElements) {
            return invalid(fmt::format("has more than {} properties", kMaxElements));
        }
        ASSIGN_OR_RETURN(Json parsed, scalar(value, property_type(shape_, key)));
        object[key] = std::move(parsed);
        return {};
    }

    /// name,value,name,value
    Result<Json> flat_object(const std::vector<std::string_view>& parts) const {
        if (parts.size() % 2 != 0) { return invalid("must be a list of names and values"); }
        Json result = Json::object();
        for (std::size_t i = 0; i < parts.size(); i += 2) {
            RETURN_IF_ERROR(set(result, parts[i], parts[i + 1]));
        }
        return result;
    }

    /// name=value name=value
    Result<Json> exploded_object(const std::vector<std::string_view>& parts) const {
        Json result = Json::object();
        for (const std::string_view part : parts) {
            const std::size_t equals = part.find('=');
            if (equals == std::string_view::npos) {
                return invalid("must be a list of name=value");
            }
            RETURN_IF_ERROR(set(result, part.substr(0, equals), part.substr(equals + 1)));
        }
        return result;
    }

    /// Arrays and objects are split at `separator`; everything else is one scalar.
    Result<Json> separated(std::string_view text, std::string_view separator, bool explode) const {
        if (shape_.type != ValueType::Array && shape_.type != ValueType::Object) {
            return scalar(text, shape_.type);
        }
        std::vector<std::string_view> parts;
        while (!text.empty() || !parts.empty()) {
            const std::size_t end = text.find(separator);
            parts.push_back(text.substr(0, end));
            if (end == std::string_view::npos) { break; }
            text.remove_prefix(end + separator.size());
        }
        if (shape_.type == ValueType::Array) { return array(parts); }
        return explode ? exploded_object(parts) : flat_object(parts);
    }

private:
    const ParameterShape& shape_;
    Decoding decoding_;
};

/// ";id=5", ";id=3;id=4", ";id=3,4", ";role=admin;name=Alex"
Result<Json> read_matrix(const ParameterShape& shape, const Reader& reader, std::string_view text) {
    if (!text.starts_with(';')) { return invalid("must start with ';'"); }
    text.remove_prefix(1);
    const std::vector<std::string_view> parts = split(text, ';');
    if (shape.explode && shape.type == ValueType::Object) { return reader.exploded_object(parts); }
    std::vector<std::string_view> values;
    for (const std::string_view part : parts) {
        const std::size_t equals = std::min(part.find('='), part.size());
        if (reader.decode(part.substr(0, equals)) != shape.name) {
            return invalid(fmt::format("must be written as ;{}=value", shape.name));
        }
        values.push_back(part.substr(std::min(equals + 1, part.size())));
    }
    if (shape.explode && shape.type == ValueType::Array) { return reader.array(values); }
    if (values.size() != 1) { return invalid("is given more than once"); }
    return reader.separated(values.front(), ",", false);
}

/// The values of one name; `name` as people write it, the query as sent.
std::vector<std::string_view> values_of(std::span<const RawPair> pairs, std::string_view name) {
    std::vector<std::string_view> values;
    for (const RawPair& pair : pairs) {
        if (pair.name == name || (pair.name.find_first_of("%+") != std::string_view::npos &&
                                  percent_decode(pair.name, true) == name)) {
            values.push_back(pair.value);
        }
    }
    return values;
}

/// "color[R]=100&color[G]=200"
Result<std::optional<Json>> read_deep_object(const ParameterShape& shape, const Reader& reader,
                                             std::span<const RawPair> pairs) {
    Json result = Json::object();
    for (const RawPair& pair : pairs) {
        const std::string name = percent_decode(pair.name, true);
        if (name.size() < shape.name.size() + 3 || !name.starts_with(shape.name) ||
            name[shape.name.size()] != '[' || name.back() != ']') {
            continue;
        }
        const std::string property =
            name.substr(shape.name.size() + 1, name.size() - shape.name.size() - 2);
        if (result.contains(property)) {
            return invalid(fmt::format("has the property '{}' twice", property));
        }
        if (result.size() >= kMaxElements) {
            return invalid(fmt::format("has more than {} properties", kMaxElements));
        }
        ASSIGN_OR_RETURN(Json value, reader.scalar(pair.value, property_type(shape, property)));
        result[property] = std::move(value);
    }
    if (result.empty()) { return std::nullopt; }
    return result;
}

/// Style form with explode: every property is a parameter of its own.
Result<std::optional<Json>> read_exploded_form(const ParameterShape& shape, const Reader& reader,
                                               std::span<const RawPair> pairs) {
    Json result = Json::object();
    for (const auto& [name, type] : shape.properties) {
        const auto values = values_of(pairs, name);
        if (values.empty()) { continue; }
        if (values.size() > 1) { return invalid(fmt::format("has the property '{}' twice", name)); }
        ASSIGN_OR_RETURN(Json value, reader.scalar(values.front(), type));
        result[name] = std::move(value);
    }
    if (result.empty()) { return std::nullopt; }
    return result;
}

/// The encoded and the literal form of a separator are the same to clients: browsers encode a
/// space, and most a pipe.
Result<Json> read_delimited(const ParameterShape& shape, std::string_view text, char separator) {
    const Reader decoded(shape, Reader::Decoding::None);
    const std::string plain = percent_decode(text, true);
    return decoded.separated(plain, std::string_view(&separator, 1), false);
}

Result<double> parse_double(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        return invalid("must be a number");
    }
    return value;
}

/// JSON's grammar of numbers; std::from_chars alone would also take "inf", "1." and "01".
bool is_json_number(std::string_view text) {
    const auto digits = [&text] {
        const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
        text.remove_prefix(count);
        return count;
    };
    if (text.starts_with('-')) { text.remove_prefix(1); }
    const bool zero = text.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) { return false; }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (digits() == 0) { return false; }
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) { text.remove_prefix(1); }
        if (digits() == 0) { return false; }
    }
    return text.empty();
}

Result<Json> parse_integer(std::string_view text) {
    const std::string_view number = text.starts_with('-') ? text.substr(1) : text;
    const bool plain =
        !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
    if (!plain || !is_json_number(text)) { return invalid("must be a whole number"); }
    std::int64_t small = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), small).ec == std::errc()) {
        return Json(small);
    }
    std::uint64_t large = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), large).ec == std::errc()) {
        return Json(large);
    }
    return invalid("must be a whole number of at most 64 bits");
}

}  // namespace

std::string_view to_string(ParameterStyle style) {
    return std::ranges::find(kStyles, style, [](const auto& entry) { return entry.first; })->second;
}

std::optional<ParameterStyle> parameter_style(std::string_view text) {
    const auto found =
        std::ranges::find(kStyles, text, [](const auto& entry) { return entry.second; });
    if (found == kStyles.end()) { return std::nullopt; }
    return found->first;
}

Result<std::vector<RawPair>> split_query(std::string_view query, std::size_t max_pairs) {
    std::vector<RawPair> pairs;
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(part.size() + 1, query.size()));
        if (part.empty()) { continue; }
        if (pairs.size() >= max_pairs) {
            return invalid(fmt::format("there are more than {} parameters", max_pairs));
        }
        const std::size_t equals = std::min(part.find('='), part.size());
        pairs.push_back({part.substr(0, equals), part.substr(std::min(equals + 1, part.size()))});
    }
    return pairs;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            result += ' ';
            continue;
        }
        const auto byte =
            text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        result += byte ? byte->front() : text[i];
        i += byte ? 2 : 0;
    }
    return result;
}

Result<std::optional<Json>> read_query_parameter(const ParameterShape& shape,
                                                 std::span<const RawPair> pairs) {
    const Reader reader(shape, Reader::Decoding::Form);
    if (shape.style == ParameterStyle::DeepObject) {
        return read_deep_object(shape, reader, pairs);
    }
    if (shape.style == ParameterStyle::Form && shape.explode && shape.type == ValueType::Object) {
        return read_exploded_form(shape, reader, pairs);
    }
    const auto values = values_of(pairs, shape.name);
    if (values.empty()) { return std::nullopt; }
    if (shape.allow_empty && shape.type != ValueType::String && values.size() == 1 &&
        values.front().empty()) {
        return Json("");
    }
    const bool several =
        shape.type == ValueType::Any && values.size() > 1;  // "a list or one value"
    if (shape.style == ParameterStyle::Form && shape.explode &&
        (shape.type == ValueType::Array || several)) {
        return reader.array(values);
    }
    if (values.size() > 1) { return invalid("is given more than once"); }
    if (shape.style == ParameterStyle::Json) {
        return parse_json_value(reader.decode(values.front()));
    }
    const bool parts = shape.type == ValueType::Array || shape.type == ValueType::Object;
    if (parts && shape.style == ParameterStyle::SpaceDelimited) {
        return read_delimited(shape, values.front(), ' ');
    }
    if (parts && shape.style == ParameterStyle::PipeDelimited) {
        return read_delimited(shape, values.front(), '|');
    }
    return reader.separated(values.front(), ",", false);
}

Result<Json> read_path_parameter(const ParameterShape& shape, std::string_view segment) {
    const Reader reader(shape, Reader::Decoding::Percent);
    switch (shape.style) {
        case ParameterStyle::Json: return parse_json_value(reader.decode(segment));
        case ParameterStyle::Matrix: return read_matrix(shape, reader, segment);
        case ParameterStyle::Label:
            if (!segment.starts_with('.')) { return invalid("must start with '.'"); }
            return reader.separated(segment.substr(1), shape.explode ? "." : ",", shape.explode);
        default: return reader.separated(segment, ",", shape.explode);
    }
}

Result<Json> read_header_parameter(const ParameterShape& shape, std::string_view value) {
    const Reader reader(shape, Reader::Decoding::None);
    if (shape.style == ParameterStyle::Json) { return parse_json_value(trim(value)); }
    return reader.separated(value, ",", shape.explode);
}

Result<Json> parse_scalar(std::string_view text, ValueType type) {
    switch (type) {
        case ValueType::Integer: return parse_integer(text);
        case ValueType::Number: {
            if (text.size() > JsonLimits{}.max_number_length || !is_json_number(text)) {
                return invalid("must be a number");
            }
            if (auto whole = parse_integer(text)) { return whole; }
            ASSIGN_OR_RETURN(const double number, parse_double(text));
            return Json(number);
        }
        case ValueType::Boolean:
            if (text == "true" || text == "false") { return Json(text == "true"); }
            return invalid("must be true or false");
        case ValueType::Array:
        case ValueType::Object: return parse_json_value(text);
        case ValueType::Any:
            // Alternatives of different types: the narrowest reading that works.
            for (const ValueType narrow : {ValueType::Number, ValueType::Boolean}) {
                if (auto value = parse_scalar(text, narrow)) { return value; }
            }
            break;
        case ValueType::String: break;
    }
    if (!is_valid_utf8(text)) { return invalid("must be UTF-8"); }
    return Json(std::string(text));
}

}  // namespace lintel::data
