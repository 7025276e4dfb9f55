// "Did you mean": the closest of some names.
#pragma once

#include <string_view>
#include <vector>

namespace lintel::app {

/// The candidate nearest to `text` by edits; empty when none is near enough to be a slip of the
/// hand.
std::string_view nearest(std::string_view text, const std::vector<std::string_view>& candidates);

}  // namespace lintel::app
