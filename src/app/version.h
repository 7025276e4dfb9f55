// The version of the program, set by the build.
#pragma once

#include <string_view>

namespace lintel::app {

inline constexpr std::string_view kVersion = LINTEL_VERSION;

}  // namespace lintel::app
