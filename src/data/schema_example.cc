#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/schema.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxExampleDepth = 12;
constexpr std::size_t kMaxExampleParts = 2'000;
constexpr std::size_t kMaxPadding = 1'000;  // elements or characters added to reach a minimum

/// Walks a schema and makes a value of it. nullopt means: the recursion must end here.
class ExampleBuilder {
public:
    explicit ExampleBuilder(const Json& root) : root_(root) {}

    std::optional<Json> build(const Json& schema) {
        if (!schema.is_object() || depth_ > kMaxExampleDepth || ++parts_ > kMaxExampleParts) {
            return std::nullopt;
        }
        ++depth_;
        std::optional<Json> value =
            schema.contains("$ref") ? referenced(schema) : described(schema);
        --depth_;
        return value;
    }

private:
    std::optional<Json> referenced(const Json& schema) {
        const std::string reference(find_string(schema, "$ref"));
        if (std::ranges::find(open_, reference) != open_.end()) { return std::nullopt; }
        const auto pointer = pointer_of_fragment(reference);
        const Json* target = pointer ? resolve_pointer(root_, *pointer) : nullptr;
        if (target == nullptr) { return std::nullopt; }
        open_.push_back(reference);
        std::optional<Json> value = build(*target);
        open_.pop_back();
        return value;
    }

    std::optional<Json> described(const Json& schema) {
        for (const std::string_view keyword : {"example", "default", "const"}) {
            if (const Json* value = find(schema, keyword)) { return *value; }
        }
        for (const std::string_view keyword : {"enum", "examples"}) {
            const Json* list = find(schema, keyword);
            if (list != nullptr && list->is_array() && !list->empty()) { return list->front(); }
        }
        if (const Json* parts = find(schema, "allOf")) { return merged(schema, *parts); }
        for (const std::string_view keyword : {"oneOf", "anyOf"}) {
            const Json* list = find(schema, keyword);
            if (list == nullptr || !list->is_array()) { continue; }
            for (const Json& branch : *list) {
                if (auto value = build(branch)) { return overlaid(std::move(*value), schema); }
            }
        }
        return typed(schema);
    }

    /// Objects grow together; of anything else the first that gives a value counts.
    std::optional<Json> merged(const Json& schema, const Json& parts) {
        std::optional<Json> result;
        if (parts.is_array()) {
            for (const Json& part : parts) {
                std::optional<Json> value = build(part);
                if (!value) { continue; }
                if (!result) {
                    result = std::move(value);
                } else if (result->is_object() && value->is_object()) {
                    result->update(*value);
                }
            }
        }
        return result ? overlaid(std::move(*result), schema) : typed(schema);
    }

    /// Properties beside allOf, oneOf or anyOf.
    Json overlaid(Json value, const Json& schema) {
        if (!value.is_object() || !schema.contains("properties")) { return value; }
        value.update(object(schema));
        return value;
    }

    std::optional<Json> typed(const Json& schema) {
        std::string_view type = find_string(schema, "type");
        if (const Json* types = find(schema, "type");
            types != nullptr && types->is_array() && !types->empty()) {
            type = types->front().is_string() ? types->front().get_ref<const std::string&>() : type;
        }
        if (type.empty() && schema.contains("properties")) { type = "object"; }
        if (type.empty() && schema.contains("items")) { type = "array"; }
        if (type == "object") { return object(schema); }
        if (type == "array") { return array(schema); }
        if (type == "string") { return string(schema); }
        if (type == "integer" || type == "number") { return number(schema); }
        if (type == "boolean") { return Json(true); }
        return type.empty() ? Json::object() : Json(nullptr);
    }

    Json object(const Json& schema) {
        Json result = Json::object();
        const Json* properties = find(schema, "properties");
        if (properties == nullptr || !properties->is_object()) { return result; }
        const Json* required = find(schema, "required");
        for (const auto& [name, property] : properties->items()) {
            if (const Json* hidden = find(property, "writeOnly");
                hidden != nullptr && *hidden == Json(true)) {
                continue;
            }
            if (auto value = build(property)) {
                result[name] = std::move(*value);
            } else if (required != nullptr && required->is_array() &&
                       std::ranges::find(*required, Json(name)) != required->end()) {
                result[name] = nullptr;
            }
        }
        return result;
    }

    Json array(const Json& schema) {
        Json result = Json::array();
        const Json* items = find(schema, "items");
        auto element = items == nullptr ? std::nullopt : build(*items);
        if (!element) { return result; }
        for (std::size_t i = 0;
             i < std::clamp<std::size_t>(count(schema, "minItems"), 1, kMaxPadding); ++i) {
            result.push_back(*element);
        }
        return result;
    }

    static std::size_t count(const Json& schema, std::string_view keyword) {
        const Json* value = find(schema, keyword);
        return value != nullptr && value->is_number_unsigned() ? value->get<std::size_t>() : 0;
    }

    static Json string(const Json& schema) {
        const std::string_view format = find_string(schema, "format");
        if (format == "date") { return "2024-01-31"; }
        if (format == "date-time") { return "2024-01-31T12:00:00Z"; }
        if (format == "uuid") { return "3fa85f64-5717-4562-b3fc-2c963f66afa6"; }
        if (format == "email") { return "user@example.com"; }
        if (format == "uri" || format == "url") { return "https://example.com/"; }
        if (format == "ipv4") { return "192.0.2.1"; }
        if (format == "ipv6") { return "2001:db8::1"; }
        if (format == "byte") { return "dGV4dA=="; }
        std::string text = "string";
        const std::size_t least = std::min(count(schema, "minLength"), kMaxPadding);
        if (text.size() < least) { text.append(least - text.size(), 'x'); }
        const Json* most = find(schema, "maxLength");
        if (most != nullptr && most->is_number_unsigned()) {
            text.resize(std::min(text.size(), most->get<std::size_t>()));
        }
        return text;
    }

    /// The smallest allowed value from 0 on, or the largest when all are below 0.
    static Json number(const Json& schema) {
        const auto excluded = [&schema](std::string_view keyword) {
            const Json* value = find(schema, keyword);
            return value != nullptr && *value == Json(true);
        };
        const Json* least = find(schema, "minimum");
        if (least != nullptr && least->is_number() && compare_numbers(*least, Json(0)) >= 0) {
            return excluded("exclusiveMinimum") ? next_to(*least, 1) : *least;
        }
        const Json* most = find(schema, "maximum");
        if (most != nullptr && most->is_number() && compare_numbers(*most, Json(0)) <= 0) {
            return excluded("exclusiveMaximum") ? next_to(*most, -1) : *most;
        }
        return 0;
    }

    static Json next_to(const Json& bound, int step) {
        if (bound.is_number_integer()) { return bound.get<std::int64_t>() + step; }
        return bound.get<double>() + step;
    }

    const Json& root_;
    std::size_t depth_ = 0;
    std::size_t parts_ = 0;
    std::vector<std::string> open_;
};

}  // namespace

Json example_from_schema(const Json& schema, const Json& root) {
    return ExampleBuilder(root).build(schema).value_or(Json(nullptr));
}

}  // namespace lintel::data
