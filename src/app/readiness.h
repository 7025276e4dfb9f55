// Tells systemd how the service is (sd_notify); nothing happens when it did not start us.
#pragma once

#include <string_view>

namespace lintel::app {

/// "READY=1", "STOPPING=1", ...; several lines at once.
void tell_service_manager(std::string_view state);

}  // namespace lintel::app
