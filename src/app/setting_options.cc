#include "app/setting_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>

#include "app/output.h"

namespace lintel::app {

namespace {

constexpr const char* kDefaultFile = "lintel.yaml";

std::string description(const SettingInfo& setting) {
    std::string text(setting.doc);
    if (!setting.default_value.empty() && setting.kind != SettingKind::Flag) {
        text += fmt::format(" [{}]", setting.default_value);
    }
    return text;
}

void add_flag_of(CLI::App& command, const SettingInfo& setting,
                 const std::shared_ptr<SettingOptions>& options) {
    const std::string name(setting.name);
    if (setting.kind == SettingKind::Flag) {
        command.add_flag_callback(
            flag_name(setting), [options, name] { options->flags[name] = "true"; },
            description(setting));
        return;
    }
    command
        .add_option_function<std::string>(
            flag_name(setting),
            [options, name](const std::string& value) { options->flags[name] = value; },
            description(setting))
        ->option_text(std::string(kind_name(setting.kind)));
}

}  // namespace

std::shared_ptr<SettingOptions> add_setting_options(CLI::App& command,
                                                    const std::vector<std::string_view>& names) {
    auto options = std::make_shared<SettingOptions>();
    command
        .add_option("--config", options->config_file,
                    "Settings file; lintel.yaml here is read when there is one")
        ->option_text("FILE");
    for (const SettingInfo& setting : all_settings()) {
        if (names.empty() || std::ranges::find(names, setting.name) != names.end()) {
            add_flag_of(command, setting, options);
        }
    }
    return options;
}

std::string settings_file(const SettingOptions& options) {
    if (!options.config_file.empty()) { return options.config_file; }
    if (const char* variable = std::getenv("LINTEL_CONFIG"); variable != nullptr) {
        return variable;
    }
    std::error_code error;
    return std::filesystem::exists(kDefaultFile, error) ? kDefaultFile : "";
}

Outcome<Settings> load_settings(const SettingOptions& options) {
    SettingSources sources;
    sources.flags = options.flags;
    std::vector<std::string> unknown;
    sources.environment = read_environment(environ, unknown);
    for (const std::string& variable : unknown) {
        tell(fmt::format("warning: the environment variable {} is no setting of Lintel", variable));
    }
    if (const std::string file = settings_file(options); !file.empty()) {
        const Status read = read_settings_file(file, sources);
        if (!read) { return std::unexpected(to_failure(read.error())); }
    }
    auto settings = Settings::build(sources);
    if (!settings) { return std::unexpected(to_failure(settings.error())); }
    return *std::move(settings);
}

}  // namespace lintel::app
