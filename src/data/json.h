// JSON documents: the one value type, a strict reader with budgets, and JSON pointers (RFC 6901).
// Every JSON text from outside goes through parse_json, so that duplicate keys, deep nesting and
// oversized numbers are refused in one place.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lintel::data {

/// Keeps members in document order. Its operator== compares objects with their order: use equal()
/// for JSON equality.
using Json = nlohmann::ordered_json;

/// UTF-8. It may stand before a JSON or YAML text that says so.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct JsonLimits {
    std::size_t max_depth = 64;
    std::size_t max_nodes = 100'000;  ///< values, containers included; member names are not counted
    std::size_t max_number_length = 64;  ///< characters of one number
    bool allow_byte_order_mark = false;  ///< a UTF-8 one; others are refused always
};

/// Strict RFC 8259. Fails with Code::BodyMalformed and one fault whose pointer is where the trouble
/// is and whose detail starts with "line L, column C: ". An integer that fits neither int64 nor
/// uint64 becomes the nearest double (so it may change when it is written again); a number beyond
/// the range of double is refused.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// One line, no spaces. Invalid UTF-8 in a string is replaced by U+FFFD.
std::string dump(const Json& value);
/// Two spaces of indentation.
std::string dump_pretty(const Json& value);

/// Equality of JSON Schema: objects without regard to order, 1 equals 1.0, true does not equal 1.
bool equal(const Json& left, const Json& right);

/// -1, 0 or 1; exact also between integers beyond 2^53 and doubles. REQUIRES: both are numbers.
int compare_numbers(const Json& left, const Json& right);

/// A number without fractional part, however it is written: 1, 1.0 and 1e2 are integers.
bool is_integer(const Json& value);

/// "null", "boolean", "integer", "number", "string", "array" or "object".
std::string_view type_name(const Json& value);

/// The member of an object, or nullptr when there is none or the value is not an object.
const Json* find(const Json& object, std::string_view key);
/// The member when it is a string, else an empty view. The view lives as long as the object.
std::string_view find_string(const Json& object, std::string_view key);

/// Adds a member whose name is known to be new. Object members are a list: operator[] would search
/// all of it first.
void append(Json& object, std::string name, Json value);

/// "a/b~c" -> "a~1b~0c".
std::string escape_pointer(std::string_view token);
/// pointer + "/" + escaped token.
std::string child_pointer(std::string_view pointer, std::string_view token);
std::string child_pointer(std::string_view pointer, std::size_t index);
/// nullptr when the pointer is malformed or leads nowhere. "" is the root.
const Json* resolve_pointer(const Json& root, std::string_view pointer);
/// "#/a/b%20c" -> "/a/b c": a URI fragment made of a JSON pointer. Fails on anything else.
Result<std::string> pointer_of_fragment(std::string_view reference);

}  // namespace lintel::data
