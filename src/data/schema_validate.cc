#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <utility>

#include "data/schema.h"
#include "data/schema_validation.h"
#include "data/schema_values.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxNesting =
    512;  // evaluations inside each other: in-place schemas and levels of the value

}  // namespace

std::string Validation::here() const {
    std::string result(pointer_);
    for (const PathPart& part : path_) {
        result =
            std::visit([&result](const auto& step) { return child_pointer(result, step); }, part);
    }
    return result;
}

bool Validation::check(const SchemaNode& node, const Json& value) {
    if (exhausted_) { return false; }
    if (++steps_ > Schema::kMaxSteps || nesting_ >= kMaxNesting) {
        // Not an opinion of one alternative: it ends the whole validation.
        exhausted_ = true;
        faults_->push_back(
            {here(), "schema.too_complex", "checking this value takes too many steps"});
        return false;
    }
    ++nesting_;
    const bool valid = check_rules(node, value);
    --nesting_;
    return valid && !exhausted_;
}

bool Validation::check_rules(const SchemaNode& node, const Json& value) {
    if (node.refuses_everything) {
        return report("schema.refused", [] { return std::string("nothing is allowed here"); });
    }
    if ((node.types & bits_of(value)) == 0) {
        return report("schema.type", [&] {
            return fmt::format("must be {}, not {}", names_of(node.types), type_name(value));
        });
    }
    bool valid = !node.has_values || check_values(node, value);
    if (stop(valid)) { return false; }
    if (node.in_place) { valid &= check_in_place(*node.in_place, value); }
    if (stop(valid)) { return false; }
    if (node.number && value.is_number()) { valid &= check_number(*node.number, value); }
    if (node.string && value.is_string()) {
        valid &= check_string(*node.string, value.get_ref<const std::string&>());
    }
    if (node.array && value.is_array()) { valid &= check_array(*node.array, value); }
    if (node.object && value.is_object()) { valid &= check_object(*node.object, value); }
    return valid;
}

bool Validation::check_values(const SchemaNode& node, const Json& value) {
    if (std::ranges::any_of(node.values,
                            [&value](const Json& allowed) { return equal(allowed, value); })) {
        return true;
    }
    return report("schema.enum", [&] {
        return fmt::format("must be one of {}; got {}", listed(node.values), described(value));
    });
}

bool Validation::check_number(const NumberRules& rules, const Json& value) {
    bool valid = true;
    const auto bound = [&](const std::optional<Json>& limit, std::string_view code,
                           std::string_view words, bool good) {
        if (!limit || good) { return; }
        valid = report(code, [&] {
            return fmt::format("must be {} {}; got {}", words, dump(*limit), described(value));
        });
    };
    const auto order = [&value](const std::optional<Json>& limit) {
        return limit ? compare_numbers(value, *limit) : 0;
    };
    bound(rules.minimum, "schema.minimum", "at least", order(rules.minimum) >= 0);
    bound(rules.maximum, "schema.maximum", "at most", order(rules.maximum) <= 0);
    bound(rules.above, "schema.minimum", "more than", order(rules.above) > 0);
    bound(rules.below, "schema.maximum", "less than", order(rules.below) < 0);
    bound(rules.multiple_of, "schema.multiple_of", "a multiple of",
          !rules.multiple_of || is_multiple(value, *rules.multiple_of));
    if (rules.integer_bits != 0) { valid &= check_integer_bits(rules.integer_bits, value); }
    return valid;
}

bool Validation::check_integer_bits(int bits, const Json& value) {
    const Json low(bits == 32 ? std::int64_t{INT32_MIN} : INT64_MIN);
    const Json high(bits == 32 ? std::int64_t{INT32_MAX} : INT64_MAX);
    if (is_integer(value) && compare_numbers(value, low) >= 0 &&
        compare_numbers(value, high) <= 0) {
        return true;
    }
    return report("schema.format", [&] {
        return fmt::format("must be a whole number of {} bits; got {}", bits, described(value));
    });
}

bool Validation::check_string(const StringRules& rules, const std::string& value) {
    bool valid = true;
    if (rules.min_length > 0 || rules.max_length != kUnlimited) {
        const std::size_t length = code_points(value);
        if (length < rules.min_length) {
            valid = report("schema.min_length", [&] {
                return fmt::format("must have at least {} characters; got {}", rules.min_length,
                                   length);
            });
        } else if (length > rules.max_length) {
            valid = report("schema.max_length", [&] {
                return fmt::format("must have at most {} characters; got {}", rules.max_length,
                                   length);
            });
        }
    }
    if (rules.pattern && !rules.pattern->found_in(value)) {
        valid = report("schema.pattern", [&] {
            return fmt::format("must match the pattern {}", shortened(rules.pattern_text));
        });
    }
    if (!matches(rules.format, value)) {
        valid = report("schema.format",
                       [&] { return fmt::format("must have the format {}", rules.format_name); });
    }
    return valid;
}

bool Validation::check_array(const ArrayRules& rules, const Json& value) {
    bool valid = true;
    if (value.size() < rules.min_items) {
        valid = report("schema.min_items", [&] {
            return fmt::format("must have at least {} elements; got {}", rules.min_items,
                               value.size());
        });
    }
    if (value.size() > rules.max_items) {
        valid = report("schema.max_items", [&] {
            return fmt::format("must have at most {} elements; got {}", rules.max_items,
                               value.size());
        });
    }
    if (rules.unique && !all_unique(value)) {
        valid = report("schema.unique_items",
                       [] { return std::string("must not contain equal elements"); });
    }
    if (stop(valid)) { return false; }
    if (rules.contains != nullptr && !std::ranges::any_of(value, [&](const Json& element) {
            return fits(*rules.contains, element);
        })) {
        valid =
            report("schema.contains", [] { return std::string("must contain a fitting element"); });
    }
    return check_elements(rules, value) && valid;
}

bool Validation::check_elements(const ArrayRules& rules, const Json& value) {
    if (rules.items == nullptr && rules.tuple.empty()) { return true; }
    bool valid = true;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const SchemaNode* schema = i < rules.tuple.size() ? rules.tuple[i] : rules.items;
        if (schema == nullptr) { break; }
        path_.emplace_back(i);
        valid &= check(*schema, value[i]);
        path_.pop_back();
        if (!valid && (quiet_ || full())) { return false; }
    }
    return valid;
}

bool Validation::exempt(const Member& member) const {
    const SchemaNode* schema = member.schema;
    while (schema != nullptr && schema->in_place && schema->in_place->reference != nullptr) {
        schema = schema->in_place->reference;
    }
    return schema != nullptr &&
           (direction_ == Direction::Request ? schema->read_only : schema->write_only);
}

bool Validation::check_object(const ObjectRules& rules, const Json& value) {
    bool valid = true;
    if (value.size() < rules.min_properties) {
        valid = report("schema.min_properties", [&] {
            return fmt::format("must have at least {} properties; got {}", rules.min_properties,
                               value.size());
        });
    }
    if (value.size() > rules.max_properties) {
        valid = report("schema.max_properties", [&] {
            return fmt::format("must have at most {} properties; got {}", rules.max_properties,
                               value.size());
        });
    }
    std::vector<bool> present(rules.members.size());
    for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        const auto at = std::ranges::lower_bound(
            rules.members, std::string_view(name), {},
            [](const Member& known) { return std::string_view(known.name); });
        const bool known = at != rules.members.end() && at->name == name;
        if (known) { present[static_cast<std::size_t>(at - rules.members.begin())] = true; }
        valid &= check_member(rules, known ? &*at : nullptr, name, member);
        if (!valid && (quiet_ || full())) { return false; }
    }
    valid &= check_required(rules, present);
    if (rules.names != nullptr) { valid &= check_names(rules, value); }
    return check_dependencies(rules, value) && valid;
}

bool Validation::check_member(const ObjectRules& rules, const Member* known,
                              const std::string& name, const Json& value) {
    bool valid = true;
    bool described_elsewhere = known != nullptr && known->schema != nullptr;
    path_.emplace_back(std::string_view(name));
    if (described_elsewhere) { valid &= check(*known->schema, value); }
    for (const auto& [pattern, schema] : rules.patterns) {
        if (!pattern->found_in(name)) { continue; }
        described_elsewhere = true;
        valid &= check(*schema, value);
    }
    if (!described_elsewhere && rules.additional != nullptr) {
        valid &= check(*rules.additional, value);
    }
    if (!described_elsewhere && rules.additional_refused) {
        valid = report("schema.additional_properties",
                       [] { return std::string("is not a known property"); });
    }
    path_.pop_back();
    return valid;
}

bool Validation::check_required(const ObjectRules& rules, const std::vector<bool>& present) {
    bool valid = true;
    for (std::size_t i = 0; i < rules.members.size(); ++i) {
        const Member& member = rules.members[i];
        if (!member.required || present[i] || exempt(member)) { continue; }
        path_.emplace_back(std::string_view(member.name));
        valid = report("schema.required", [] { return std::string("is required"); });
        path_.pop_back();
    }
    return valid;
}

bool Validation::check_names(const ObjectRules& rules, const Json& value) {
    bool valid = true;
    for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        path_.emplace_back(std::string_view(name));
        if (!fits(*rules.names, Json(name))) {
            valid = report("schema.property_names",
                           [] { return std::string("is not an allowed property name"); });
        }
        path_.pop_back();
    }
    return valid;
}

bool Validation::check_dependencies(const ObjectRules& rules, const Json& value) {
    bool valid = true;
    for (const Dependency& dependency : rules.dependencies) {
        if (find(value, dependency.name) == nullptr) { continue; }
        for (const std::string& needed : dependency.needs) {
            if (find(value, needed) != nullptr) { continue; }
            valid = report("schema.dependencies", [&] {
                return fmt::format("needs '{}' because it has '{}'", needed, dependency.name);
            });
        }
        if (dependency.schema != nullptr) { valid &= check(*dependency.schema, value); }
    }
    return valid;
}

bool Schema::validate(const Json& value, std::string_view pointer, std::vector<Fault>& faults,
                      Direction direction) const {
    return Validation(pointer, faults, direction).check(*node_, value);
}

}  // namespace lintel::data
