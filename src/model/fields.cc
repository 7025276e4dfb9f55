#include "model/fields.h"

#include <algorithm>

namespace lintel::model {

namespace {
constexpr std::size_t kUsualMembers = 16;
}  // namespace

Fields::Fields(const data::Json& json, std::string pointer, std::vector<Fault>& faults)
    : json_(json), pointer_(std::move(pointer)), faults_(faults) {
    known_.reserve(kUsualMembers);
    if (!json_.is_object()) {
        faults_.push_back({pointer_, "field.type",
                           "must be an object, not " + std::string(data::type_name(json_))});
    }
}

const data::Json* Fields::find(std::string_view name) {
    known_.push_back(name);
    const data::Json* member = data::find(json_, name);
    return member != nullptr && !member->is_null() ? member : nullptr;
}

bool Fields::has(std::string_view name) const {
    const data::Json* member = data::find(json_, name);
    return member != nullptr && !member->is_null();
}

void Fields::fault(std::string_view name, std::string code, std::string detail) {
    faults_.push_back({pointer(name), std::move(code), std::move(detail)});
}

void Fields::wrong_type(std::string_view name, std::string_view wanted, const data::Json& member) {
    fault(name, "field.type",
          "must be " + std::string(wanted) + ", not " + std::string(data::type_name(member)));
}

std::optional<std::string> Fields::optional_text(std::string_view name) {
    const data::Json* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (!member->is_string()) {
        wrong_type(name, "a string", *member);
        return std::nullopt;
    }
    return member->get<std::string>();
}

std::string Fields::text(std::string_view name, std::string_view otherwise) {
    return optional_text(name).value_or(std::string(otherwise));
}

std::string Fields::required_text(std::string_view name) {
    if (json_.is_object() && !has(name)) { fault(name, "field.required", "is required"); }
    return text(name);
}

std::optional<bool> Fields::optional_flag(std::string_view name) {
    const data::Json* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (!member->is_boolean()) {
        wrong_type(name, "true or false", *member);
        return std::nullopt;
    }
    return member->get<bool>();
}

bool Fields::flag(std::string_view name, bool otherwise) {
    return optional_flag(name).value_or(otherwise);
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name) {
    const data::Json* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it a double skips integers
    if (member->is_number_unsigned() && member->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
        fault(name, "field.range", "is too large");
        return std::nullopt;
    }
    if (member->is_number_integer()) { return member->get<std::int64_t>(); }
    if (member->is_number_float() && data::is_integer(*member) && member->get<double>() <= kExact &&
        member->get<double>() >= -kExact) {
        return static_cast<std::int64_t>(member->get<double>());
    }
    wrong_type(name, "an integer", *member);
    return std::nullopt;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t otherwise) {
    return optional_integer(name).value_or(otherwise);
}

data::Json Fields::any(std::string_view name) {
    const data::Json* member = find(name);
    return member == nullptr ? data::Json(nullptr) : *member;
}

const data::Json* Fields::object(std::string_view name) {
    const data::Json* member = find(name);
    if (member == nullptr) { return nullptr; }
    if (!member->is_object()) {
        wrong_type(name, "an object", *member);
        return nullptr;
    }
    return member;
}

const data::Json* Fields::array(std::string_view name) {
    const data::Json* member = find(name);
    if (member == nullptr) { return nullptr; }
    if (!member->is_array()) {
        wrong_type(name, "an array", *member);
        return nullptr;
    }
    return member;
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> values;
    const data::Json* list = array(name);
    if (list == nullptr) { return values; }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const data::Json& item = (*list)[i];
        if (!item.is_string()) {
            faults_.push_back({data::child_pointer(pointer(name), i), "field.type",
                               "must be a string, not " + std::string(data::type_name(item))});
            continue;
        }
        values.push_back(item.get<std::string>());
    }
    return values;
}

std::map<std::string, std::string> Fields::texts_by_name() {
    std::map<std::string, std::string> values;
    if (!json_.is_object()) { return values; }
    for (const auto& member : json_.items()) {
        std::string& value = values[member.key()];
        if (member.value().is_string()) {
            value = member.value().get<std::string>();
        } else if (!member.value().is_null()) {
            wrong_type(member.key(), "a string", member.value());
        }
    }
    return values;
}

void Fields::done() {
    if (!json_.is_object()) { return; }
    for (const auto& member : json_.items()) {
        if (std::ranges::find(known_, member.key()) == known_.end()) {
            fault(member.key(), "field.unknown", "is not a member of this object; remove it");
        }
    }
}

}  // namespace lintel::model
