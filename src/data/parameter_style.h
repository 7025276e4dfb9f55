// OpenAPI parameter styles: from the text of a path segment, query string or header to a typed JSON
// value. Pure functions. "Decoded" means that percent-encoding was removed; where a separator and
// an encoded separator differ (a,b and a%2Cb) the functions take the text as sent and decode the
// parts themselves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "data/json.h"

namespace lintel::data {

/// Json is our own: the value is JSON text, for array and object parameters of people who want
/// that.
enum class ParameterStyle {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    Json
};

/// "simple", "label", ... as OpenAPI spells them, and "json".
std::string_view to_string(ParameterStyle style);
std::optional<ParameterStyle> parameter_style(std::string_view text);

/// What the parameter's schema says about types; made once from the schema (parameter_shape) and
/// kept beside it.
/// Any: alternatives of different types; the narrowest reading of the text that works is taken.
enum class ValueType { Any, String, Integer, Number, Boolean, Array, Object };

struct ParameterShape {
    std::string name;
    ParameterStyle style = ParameterStyle::Form;
    bool explode = true;
    bool allow_empty =
        false;  ///< `?flag` and `?flag=` are accepted although the type is not string
    ValueType type = ValueType::String;
    ValueType items = ValueType::String;  ///< elements of an array
    /// Types of the properties of an object, in declared order; unknown properties are strings.
    std::vector<std::pair<std::string, ValueType>> properties = {};

    bool operator==(const ParameterShape&) const = default;
};

/// Follows `$ref` in `root` and looks into allOf, anyOf and oneOf for the type. A schema that says
/// nothing about it describes a string.
ParameterShape parameter_shape(std::string name, ParameterStyle style, bool explode,
                               bool allow_empty, const Json& schema, const Json& root);

/// One name=value of a query string or form, as sent (still percent-encoded).
struct RawPair {
    std::string_view name;
    std::string_view value;
};

/// "a=1&b&c=" -> pairs; `b` has an empty value. Views into the query. Pairs beyond `max_pairs` are
/// refused.
Result<std::vector<RawPair>> split_query(std::string_view query, std::size_t max_pairs = 1000);

/// %XX decoded, and `+` as space when `plus_is_space` (query and forms). Malformed triplets are
/// kept as they are.
std::string percent_decode(std::string_view text, bool plus_is_space);

/// nullopt: the parameter is absent. Fails with Code::RequestInvalid and a message without the
/// value when the text does not have the declared type.
Result<std::optional<Json>> read_query_parameter(const ParameterShape& shape,
                                                 std::span<const RawPair> pairs);
/// `segment` is the text at the parameter's place in the path, as sent.
Result<Json> read_path_parameter(const ParameterShape& shape, std::string_view segment);
/// `value`: the field value; several fields of one name joined by ", ". Header values are not
/// percent-decoded.
Result<Json> read_header_parameter(const ParameterShape& shape, std::string_view value);

/// One scalar: "12" -> 12 for Integer. Fails with Code::RequestInvalid.
Result<Json> parse_scalar(std::string_view text, ValueType type);

}  // namespace lintel::data
