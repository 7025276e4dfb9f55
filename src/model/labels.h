// Labels: words that people sort services and APIs by, such as team = shop.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "data/json.h"

namespace lintel::model {

inline constexpr std::size_t kMaxLabels = 20;
inline constexpr std::size_t kMaxLabelName = 63;
inline constexpr std::size_t kMaxLabelValue = 200;

using Labels = std::map<std::string, std::string>;  ///< values by name

data::Json to_json(const Labels& labels);

/// "[a-z0-9]" with inner ".", "_" and "-", at most 63 characters.
bool is_label_name(std::string_view name);

/// What a list is filtered by.
struct LabelFilter {
    std::string name = {};
    std::optional<std::string> value = {};  ///< absent: any

    /// "team:shop", or "team" for any value.
    static LabelFilter parse(std::string_view text);
    bool admits(const Labels& labels) const;
};

}  // namespace lintel::model
