// One table per enum gives both directions between enumerator and text.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace lintel::model {

template <typename Value, std::size_t kSize>
using Names = std::array<std::pair<Value, std::string_view>, kSize>;

template <typename Value, std::size_t kSize>
std::string_view name_of(const Names<Value, kSize>& names, Value value) {
    for (const auto& [candidate, text] : names) {
        if (candidate == value) { return text; }
    }
    return {};
}

template <typename Value, std::size_t kSize>
std::optional<Value> value_of(const Names<Value, kSize>& names, std::string_view text) {
    for (const auto& [candidate, candidate_text] : names) {
        if (candidate_text == text) { return candidate; }
    }
    return std::nullopt;
}

}  // namespace lintel::model
