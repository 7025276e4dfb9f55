#include "gateway/upstream/status_set.h"

#include <charconv>

namespace lintel::gateway {
namespace {

std::optional<int> parse_status(std::string_view text) {
    int status = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || status < StatusSet::kLowest || status > StatusSet::kHighest) {
        return std::nullopt;
    }
    return status;
}

}  // namespace

std::optional<StatusSet> StatusSet::parse(std::span<const std::string> texts) {
    StatusSet set;
    for (const std::string_view text : texts) {
        const std::size_t dash = text.find('-');
        const auto first = parse_status(text.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_status(text.substr(dash + 1));
        if (!first || !last || *last < *first) { return std::nullopt; }
        for (int status = *first; status <= *last; ++status) {
            set.bits_.set(static_cast<std::size_t>(status - kLowest));
        }
    }
    return set;
}

}  // namespace lintel::gateway
