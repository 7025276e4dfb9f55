// Settings on the command line: the flags come from the table of settings.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/failure.h"
#include "app/settings.h"

namespace CLI {
class App;
}

namespace lintel::app {

/// What was given on the line. Shared between the parser and the action.
struct SettingOptions {
    SettingTexts flags;
    std::string config_file;
};

/// Declares --config and the flags of the settings named (all of them when none is).
std::shared_ptr<SettingOptions> add_setting_options(
    CLI::App& command, const std::vector<std::string_view>& names = {});

/// The settings in force: flags, environment, file, defaults. Unknown LINTEL_* variables are told.
Outcome<Settings> load_settings(const SettingOptions& options);

/// The file that is read: --config, LINTEL_CONFIG, or ./lintel.yaml when there is one; else "".
std::string settings_file(const SettingOptions& options);

}  // namespace lintel::app
