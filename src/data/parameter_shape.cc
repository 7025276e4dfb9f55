// What a parameter's schema says about types, found through references and combined schemas.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/parameter_style.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxSteps = 16;  // of $ref, allOf, anyOf and oneOf
constexpr std::size_t kMaxProperties = 1'000;
constexpr std::size_t kMaxLookedAt =
    1'000;  // schemas looked at for one answer: combined ones multiply

const Json* dereferenced(const Json* schema, const Json& root) {
    for (std::size_t i = 0; schema != nullptr && i < kMaxSteps; ++i) {
        const Json* reference = find(*schema, "$ref");
        if (reference == nullptr || !reference->is_string()) { return schema; }
        const auto pointer = pointer_of_fragment(reference->get_ref<const std::string&>());
        schema = pointer ? resolve_pointer(root, *pointer) : nullptr;
    }
    return nullptr;
}

std::optional<ValueType> value_type(std::string_view name) {
    if (name == "string") { return ValueType::String; }
    if (name == "integer") { return ValueType::Integer; }
    if (name == "number") { return ValueType::Number; }
    if (name == "boolean") { return ValueType::Boolean; }
    if (name == "array") { return ValueType::Array; }
    if (name == "object") { return ValueType::Object; }
    return std::nullopt;
}

/// Calls `visit` with the schema and everything it is combined of.
template <typename Visit>
void for_each_part(const Json* schema, const Json& root, std::size_t depth, std::size_t& visited,
                   const Visit& visit) {
    schema = dereferenced(schema, root);
    if (schema == nullptr || depth > kMaxSteps || ++visited > kMaxLookedAt) { return; }
    visit(*schema);
    for (const std::string_view keyword : {"allOf", "oneOf", "anyOf"}) {
        const Json* parts = find(*schema, keyword);
        if (parts == nullptr || !parts->is_array()) { continue; }
        for (const Json& part : *parts) {
            for_each_part(&part, root, depth + 1, visited, visit);
        }
    }
}

void add_type(std::vector<ValueType>& types, ValueType type) {
    if (std::ranges::find(types, type) == types.end()) { types.push_back(type); }
}

std::optional<ValueType> type_of_value(const Json& value) {
    return value_type(type_name(value));
}

/// One type, or Any when the alternatives differ. A schema that says nothing describes text.
ValueType type_of(const Json* schema, const Json& root) {
    std::vector<ValueType> types;
    std::vector<ValueType> hints;  // what the other keywords imply, used when no type is written
    std::size_t visited = 0;
    for_each_part(schema, root, 0, visited, [&](const Json& part) {
        if (const auto type = value_type(find_string(part, "type"))) { add_type(types, *type); }
        if (part.contains("properties")) { add_type(hints, ValueType::Object); }
        if (part.contains("items")) { add_type(hints, ValueType::Array); }
        if (const Json* values = find(part, "enum"); values != nullptr && values->is_array()) {
            for (const Json& value : *values) {
                if (const auto type = type_of_value(value)) { add_type(hints, *type); }
            }
        }
    });
    const std::vector<ValueType>& found = types.empty() ? hints : types;
    if (found.empty()) { return ValueType::String; }
    return found.size() == 1 ? found.front() : ValueType::Any;
}

}  // namespace

ParameterShape parameter_shape(std::string name, ParameterStyle style, bool explode,
                               bool allow_empty, const Json& schema, const Json& root) {
    ParameterShape shape{std::move(name), style, explode, allow_empty, type_of(&schema, root)};
    std::size_t visited = 0;
    for_each_part(&schema, root, 0, visited, [&](const Json& part) {
        if (const Json* items = find(part, "items")) { shape.items = type_of(items, root); }
        const Json* properties = find(part, "properties");
        if (properties == nullptr || !properties->is_object()) { return; }
        for (const auto& [property, type] : properties->items()) {
            if (shape.properties.size() >= kMaxProperties) { return; }
            shape.properties.emplace_back(property, type_of(&type, root));
        }
    });
    return shape;
}

}  // namespace lintel::data
