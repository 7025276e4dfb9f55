// docs/settings.md, made from the table of settings.
#pragma once

#include <string>

namespace lintel::app {

std::string settings_page();

}  // namespace lintel::app
