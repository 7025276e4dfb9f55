#include "model/labels.h"

#include <algorithm>

#include "base/ascii.h"

namespace lintel::model {

data::Json to_json(const Labels& labels) {
    data::Json json = data::Json::object();
    for (const auto& [name, value] : labels) {
        json[name] = value;
    }
    return json;
}

bool is_label_name(std::string_view name) {
    const auto is_outer = [](char c) { return is_lower(c) || is_digit(c); };
    return !name.empty() && name.size() <= kMaxLabelName && is_outer(name.front()) &&
           is_outer(name.back()) && std::ranges::all_of(name, [&](char c) {
               return is_outer(c) || c == '.' || c == '_' || c == '-';
           });
}

LabelFilter LabelFilter::parse(std::string_view text) {
    const std::size_t colon = text.find(':');
    LabelFilter filter{.name = std::string(text.substr(0, colon))};
    if (colon != std::string_view::npos) { filter.value = text.substr(colon + 1); }
    return filter;
}

bool LabelFilter::admits(const Labels& labels) const {
    const auto found = labels.find(name);
    return found != labels.end() && (!value || *value == found->second);
}

}  // namespace lintel::model
