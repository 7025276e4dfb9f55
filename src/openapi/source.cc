#include "openapi/source.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lintel::openapi {
namespace {

using data::Json;

constexpr std::size_t kMaxFaults = 100;
constexpr std::size_t kMaxWarnings = 1'000;
constexpr std::size_t kMaxReferences = 16;  // of a chain

/// Members whose content is data, not part of the description.
bool holds_data(std::string_view name) {
    constexpr std::array<std::string_view, 4> kNames = {"example", "default", "enum", "value"};
    return std::ranges::find(kNames, name) != kNames.end() || name.starts_with("x-");
}

/// Members whose own members have names chosen by the author.
bool holds_names(std::string_view name) {
    constexpr std::array<std::string_view, 4> kNames = {"properties", "schemas", "parameters",
                                                        "responses"};
    return std::ranges::find(kNames, name) != kNames.end();
}

void walk(Source& source, const Place& place, bool names) {
    if (place.value->is_array()) {
        for (std::size_t i = 0; i < place.value->size(); ++i) {
            walk(source, place.element(i), false);
        }
        return;
    }
    if (!place.value->is_object()) { return; }
    for (const auto& [name, member] : place.value->items()) {
        const std::string pointer = data::child_pointer(place.pointer, name);
        if (!names && name == "$ref" && member.is_string() &&
            !member.get_ref<const std::string&>().starts_with('#')) {
            source.fault(pointer, "openapi.ref_outside",
                         fmt::format("the reference '{}' leaves the file and nothing is fetched; "
                                     "put what it means into this file",
                                     member.get_ref<const std::string&>()));
        }
        if (names || !holds_data(name)) {
            walk(source, {&member, pointer}, !names && holds_names(name));
        }
    }
}

}  // namespace

std::optional<Place> Place::member(std::string_view name) const {
    const Json* found = data::find(*value, name);
    if (found == nullptr) { return std::nullopt; }
    return Place{found, data::child_pointer(pointer, name)};
}

Place Place::element(std::size_t index) const {
    return {&(*value)[index], data::child_pointer(pointer, index)};
}

std::pair<std::string, Place> Place::first_member() const {
    const auto& [name, member] = value->get_ref<const Json::object_t&>().front();
    return {name, {&member, data::child_pointer(pointer, name)}};
}

void Source::fault(std::string pointer, std::string code, std::string detail) {
    const bool known = std::ranges::any_of(faults_, [&](const Fault& fault) {
        return fault.pointer == pointer && fault.code == code;
    });
    if (!known && faults_.size() < kMaxFaults) {
        faults_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }
}

void Source::warn(std::string pointer, std::string code, std::string detail) {
    if (warnings_.size() < kMaxWarnings && warned_.emplace(pointer, code).second) {
        warnings_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }
}

std::optional<Place> Source::target(const Json& reference, const std::string& pointer) {
    if (!reference.is_string()) {
        fault(pointer, "openapi.type", "$ref must be a string");
        return std::nullopt;
    }
    const auto& text = reference.get_ref<const std::string&>();
    if (!text.starts_with('#')) {
        fault(pointer, "openapi.ref_outside",
              fmt::format("the reference '{}' leaves the file and nothing is fetched; put what it "
                          "means into this file",
                          text));
        return std::nullopt;
    }
    const auto inside = data::pointer_of_fragment(text);
    const Json* value = inside ? data::resolve_pointer(root_, *inside) : nullptr;
    if (value == nullptr) {
        fault(pointer, "openapi.ref_missing",
              fmt::format("the reference '{}' leads to nothing in this file", text));
        return std::nullopt;
    }
    return Place{value, *inside};
}

std::optional<Place> Source::follow(Place place) {
    const std::string start = place.pointer;
    for (std::size_t i = 0; i < kMaxReferences; ++i) {
        const auto reference = place.member("$ref");
        if (!reference) { return place; }
        auto next = target(*reference->value, reference->pointer);
        if (!next) { return std::nullopt; }
        place = std::move(*next);
    }
    fault(start, "openapi.ref_cycle", "the references here lead to each other and never to an end");
    return std::nullopt;
}

std::string Source::text(const Place& object, std::string_view name) {
    const auto member = object.member(name);
    if (!member || member->value->is_null()) { return {}; }
    if (member->value->is_string()) { return member->value->get<std::string>(); }
    if (member->value->is_number() || member->value->is_boolean()) {
        return data::dump(*member->value);
    }
    fault(member->pointer, "openapi.type",
          fmt::format("'{}' must be text, not {}", name, data::type_name(*member->value)));
    return {};
}

bool Source::flag(const Place& object, std::string_view name) {
    const auto member = object.member(name);
    if (!member) { return false; }
    if (member->value->is_boolean()) { return member->value->get<bool>(); }
    fault(member->pointer, "openapi.type",
          fmt::format("'{}' must be true or false, not {}", name, data::type_name(*member->value)));
    return false;
}

std::optional<Place> Source::object(const Place& place, std::string_view name) {
    const auto member = place.member(name);
    if (!member || member->value->is_object()) { return member; }
    fault(member->pointer, "openapi.type",
          fmt::format("'{}' must be an object, not {}", name, data::type_name(*member->value)));
    return std::nullopt;
}

std::optional<Place> Source::array(const Place& place, std::string_view name) {
    const auto member = place.member(name);
    if (!member || member->value->is_array()) { return member; }
    fault(member->pointer, "openapi.type",
          fmt::format("'{}' must be a list, not {}", name, data::type_name(*member->value)));
    return std::nullopt;
}

void refuse_outside_references(Source& source) {
    walk(source, source.top(), false);
}

}  // namespace lintel::openapi
