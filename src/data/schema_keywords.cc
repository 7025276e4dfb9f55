#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "data/schema_compiler.h"

namespace lintel::data {
namespace {

std::optional<std::uint8_t> type_bit(std::string_view name) {
    if (name == "null") { return kNull; }
    if (name == "boolean") { return kBoolean; }
    if (name == "integer") { return kInteger; }
    if (name == "number") { return static_cast<std::uint8_t>(kNumber | kInteger); }
    if (name == "string") { return kString; }
    if (name == "array") { return kArray; }
    if (name == "object") { return kObject; }
    return std::nullopt;
}

}  // namespace

void SchemaCompiler::Implementation::types(const Site& site) {
    const Json* type = find(site.schema, "type");
    if (type == nullptr) { return; }
    const std::string here = child_pointer(site.pointer, "type");
    std::uint8_t bits = 0;
    const auto add = [&](const Json& name) {
        const auto bit =
            name.is_string() ? type_bit(name.get_ref<const std::string&>()) : std::nullopt;
        if (!bit || (*bit == kNull && !drafts())) {
            fault(here, "schema.invalid",
                  fmt::format(
                      "{} is not a type; use string, number, integer, boolean, array or object",
                      dump(name)));
            return;
        }
        bits = static_cast<std::uint8_t>(bits | *bit);
    };
    if (type->is_array() && drafts()) {
        for (const Json& name : *type) {
            add(name);
        }
    } else {
        add(*type);
    }
    if (!drafts() && flag(site, "nullable")) { bits |= kNull; }
    site.node.types = bits;
}

void SchemaCompiler::Implementation::values(const Site& site) {
    const Json* list = find(site.schema, "enum");
    if (list != nullptr) {
        if (!list->is_array()) {
            fault(child_pointer(site.pointer, "enum"), "schema.invalid", "enum must be an array");
            return;
        }
        site.node.values.assign(list->begin(), list->end());
        site.node.has_values = true;
    }
    const Json* constant = draft7() ? find(site.schema, "const") : nullptr;
    if (constant == nullptr) { return; }
    const bool listed =
        !site.node.has_values || std::ranges::any_of(site.node.values, [&](const Json& value) {
            return equal(value, *constant);
        });
    site.node.values.clear();
    if (listed) { site.node.values.push_back(*constant); }
    site.node.has_values = true;
}

std::optional<Json> SchemaCompiler::Implementation::number(const Site& site,
                                                           std::string_view keyword) {
    const Json* value = find(site.schema, keyword);
    if (value == nullptr) { return std::nullopt; }
    if (!value->is_number()) {
        fault(child_pointer(site.pointer, keyword), "schema.invalid",
              fmt::format("{} must be a number, not {}", keyword, type_name(*value)));
        return std::nullopt;
    }
    return *value;
}

std::optional<std::size_t> SchemaCompiler::Implementation::count(const Site& site,
                                                                 std::string_view keyword) {
    const Json* value = find(site.schema, keyword);
    if (value == nullptr) { return std::nullopt; }
    if (!is_integer(*value) || compare_numbers(*value, Json(0)) < 0) {
        fault(child_pointer(site.pointer, keyword), "schema.invalid",
              fmt::format("{} must be a whole number from 0 on", keyword));
        return std::nullopt;
    }
    // What does not fit is larger than any value can be.
    if (compare_numbers(*value, Json(std::uint64_t{1} << 53)) > 0) { return kUnlimited; }
    return value->get<std::size_t>();
}

bool SchemaCompiler::Implementation::flag(const Site& site, std::string_view keyword) {
    const Json* value = find(site.schema, keyword);
    if (value == nullptr) { return false; }
    if (!value->is_boolean()) {
        fault(child_pointer(site.pointer, keyword), "schema.invalid",
              fmt::format("{} must be true or false, not {}", keyword, type_name(*value)));
        return false;
    }
    return value->get<bool>();
}

void SchemaCompiler::Implementation::exclusive_bound(const Site& site, std::string_view keyword,
                                                     std::optional<Json>& inclusive,
                                                     std::optional<Json>& exclusive) {
    if (draft7()) {
        exclusive = number(site, keyword);
    } else if (flag(site, keyword) && inclusive) {
        exclusive = std::exchange(inclusive, std::nullopt);
    }
}

void SchemaCompiler::Implementation::numbers(const Site& site) {
    NumberRules rules;
    rules.minimum = number(site, "minimum");
    rules.maximum = number(site, "maximum");
    exclusive_bound(site, "exclusiveMinimum", rules.minimum, rules.above);
    exclusive_bound(site, "exclusiveMaximum", rules.maximum, rules.below);
    rules.multiple_of = number(site, "multipleOf");
    if (rules.multiple_of && compare_numbers(*rules.multiple_of, Json(0)) <= 0) {
        fault(child_pointer(site.pointer, "multipleOf"), "schema.invalid",
              "multipleOf must be larger than 0");
        return;
    }
    const std::string_view format = find_string(site.schema, "format");
    rules.integer_bits = format == "int32" ? 32 : format == "int64" ? 64 : 0;
    if (rules.minimum || rules.maximum || rules.above || rules.below || rules.multiple_of ||
        rules.integer_bits != 0) {
        site.node.number = std::make_unique<NumberRules>(std::move(rules));
    }
}

std::shared_ptr<const Pattern> SchemaCompiler::Implementation::pattern(const Json& text,
                                                                       const std::string& pointer) {
    if (!text.is_string()) {
        fault(pointer, "schema.invalid", "a pattern must be a string");
        return nullptr;
    }
    const auto& ecma = text.get_ref<const std::string&>();
    if (const auto known = pool_->patterns.find(ecma); known != pool_->patterns.end()) {
        return known->second;
    }
    auto compiled = Pattern::compile(ecma);
    if (compiled) {
        pool_->patterns.emplace(ecma, *compiled);
        return *compiled;
    }
    if (options_.skip_unsupported_patterns) {
        warnings_.push_back(
            {pointer, "schema.pattern",
             fmt::format("the pattern is not enforced: {}", compiled.error().message)});
    } else {
        fault(pointer, "schema.pattern",
              fmt::format("the pattern cannot be used: {}", compiled.error().message));
    }
    return nullptr;
}

void SchemaCompiler::Implementation::strings(const Site& site) {
    StringRules rules;
    const auto min_length = count(site, "minLength");
    const auto max_length = count(site, "maxLength");
    rules.min_length = min_length.value_or(0);
    rules.max_length = max_length.value_or(kUnlimited);
    if (const Json* text = find(site.schema, "pattern")) {
        rules.pattern = pattern(*text, child_pointer(site.pointer, "pattern"));
        if (rules.pattern) { rules.pattern_text = text->get_ref<const std::string&>(); }
    }
    const std::string_view format = find_string(site.schema, "format");
    rules.format = string_format(format);
    if (rules.format != StringFormat::None) { rules.format_name = format; }
    if (min_length || max_length || rules.pattern || rules.format != StringFormat::None) {
        site.node.string = std::make_unique<StringRules>(std::move(rules));
    }
}

void SchemaCompiler::Implementation::tuple(const Site& site, const Json& items) {
    ArrayRules& rules = need(site.node.array);
    const std::string here = child_pointer(site.pointer, "items");
    for (std::size_t i = 0; i < items.size(); ++i) {
        rules.tuple.push_back(child(site, items[i], child_pointer(here, i)));
    }
    const Json* additional = find(site.schema, "additionalItems");
    if (additional == nullptr || (additional->is_boolean() && additional->get<bool>())) { return; }
    if (additional->is_boolean()) {
        SchemaNode* nothing = new_node({});
        nothing->refuses_everything = true;
        rules.items = nothing;
        return;
    }
    rules.items = child(site, "additionalItems");
}

void SchemaCompiler::Implementation::arrays(const Site& site) {
    const Json* items = find(site.schema, "items");
    if (items != nullptr && items->is_array() && drafts()) {
        tuple(site, *items);
    } else if (items != nullptr) {
        need(site.node.array).items = child(site, "items");
    }
    if (const auto least = count(site, "minItems")) { need(site.node.array).min_items = *least; }
    if (const auto most = count(site, "maxItems")) { need(site.node.array).max_items = *most; }
    if (flag(site, "uniqueItems")) { need(site.node.array).unique = true; }
    if (draft7() && site.schema.contains("contains")) {
        need(site.node.array).contains = child(site, "contains");
    }
}

void SchemaCompiler::Implementation::members(const Site& site) {
    std::map<std::string, Member, std::less<>> by_name;
    if (const Json* properties = find(site.schema, "properties")) {
        const std::string here = child_pointer(site.pointer, "properties");
        if (!properties->is_object()) {
            fault(here, "schema.invalid", "properties must be an object");
        } else {
            for (const auto& [name, schema] : properties->items()) {
                by_name[name] = {name, child(site, schema, child_pointer(here, name)), false};
            }
        }
    }
    if (const Json* required = find(site.schema, "required")) {
        const auto is_text = [](const Json& name) { return name.is_string(); };
        if (!required->is_array() || !std::ranges::all_of(*required, is_text)) {
            fault(child_pointer(site.pointer, "required"), "schema.invalid",
                  "required must be an array of property names, beside properties");
        } else {
            for (const Json& name : *required) {
                Member& member = by_name[name.get_ref<const std::string&>()];
                member.name = name.get_ref<const std::string&>();
                member.required = true;
            }
        }
    }
    if (by_name.empty()) { return; }
    ObjectRules& rules = need(site.node.object);
    for (auto& [name, member] : by_name) {
        rules.members.push_back(std::move(member));
    }
}

void SchemaCompiler::Implementation::pattern_members(const Site& site) {
    const Json* patterns = drafts() ? find(site.schema, "patternProperties") : nullptr;
    if (patterns == nullptr) { return; }
    const std::string here = child_pointer(site.pointer, "patternProperties");
    if (!patterns->is_object()) {
        fault(here, "schema.invalid", "patternProperties must be an object");
        return;
    }
    for (const auto& [text, schema] : patterns->items()) {
        const std::string pointer = child_pointer(here, text);
        auto compiled = pattern(Json(text), pointer);
        if (compiled) {
            need(site.node.object).patterns.emplace_back(compiled, child(site, schema, pointer));
        }
    }
}

void SchemaCompiler::Implementation::additional_members(const Site& site) {
    const Json* additional = find(site.schema, "additionalProperties");
    if (additional == nullptr) { return; }
    if (additional->is_boolean()) {
        if (!additional->get<bool>()) { need(site.node.object).additional_refused = true; }
        return;
    }
    need(site.node.object).additional = child(site, "additionalProperties");
}

void SchemaCompiler::Implementation::dependencies(const Site& site) {
    const Json* list = drafts() ? find(site.schema, "dependencies") : nullptr;
    if (list == nullptr) { return; }
    const std::string here = child_pointer(site.pointer, "dependencies");
    if (!list->is_object()) {
        fault(here, "schema.invalid", "dependencies must be an object");
        return;
    }
    for (const auto& [name, what] : list->items()) {
        Dependency dependency{name, {}, nullptr};
        if (what.is_array()) {
            for (const Json& needed : what) {
                if (needed.is_string()) { dependency.needs.push_back(needed.get<std::string>()); }
            }
        } else {
            dependency.schema = child(site, what, child_pointer(here, name));
        }
        need(site.node.object).dependencies.push_back(std::move(dependency));
    }
}

void SchemaCompiler::Implementation::objects(const Site& site) {
    members(site);
    pattern_members(site);
    additional_members(site);
    dependencies(site);
    if (const auto least = count(site, "minProperties")) {
        need(site.node.object).min_properties = *least;
    }
    if (const auto most = count(site, "maxProperties")) {
        need(site.node.object).max_properties = *most;
    }
    if (draft7() && site.schema.contains("propertyNames")) {
        need(site.node.object).names = child(site, "propertyNames");
    }
}

void SchemaCompiler::Implementation::branches(const Site& site, std::string_view keyword,
                                              std::vector<const SchemaNode*>& into) {
    const Json* list = find(site.schema, keyword);
    if (list == nullptr) { return; }
    const std::string here = child_pointer(site.pointer, keyword);
    if (!list->is_array() || list->empty()) {
        fault(here, "schema.invalid",
              fmt::format("{} must be an array with at least one schema", keyword));
        return;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        into.push_back(child(site, (*list)[i], child_pointer(here, i)));
    }
}

void SchemaCompiler::Implementation::in_place(const Site& site) {
    InPlaceRules rules;
    branches(site, "allOf", rules.all_of);
    branches(site, "anyOf", rules.any_of);
    branches(site, "oneOf", rules.one_of);
    rules.none_of = child(site, "not");
    if (draft7()) {
        rules.condition = child(site, "if");
        rules.then_branch = child(site, "then");
        rules.else_branch = child(site, "else");
    }
    if (!rules.all_of.empty() || !rules.any_of.empty() || !rules.one_of.empty() ||
        rules.none_of != nullptr || rules.condition != nullptr) {
        site.node.in_place = std::make_unique<InPlaceRules>(std::move(rules));
    }
}

}  // namespace lintel::data
