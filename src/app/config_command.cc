// lintel config: check the settings file, show what is in force.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"
#include "app/listeners.h"
#include "app/local_store.h"
#include "app/setting_options.h"
#include "app/tls_listener.h"

namespace lintel::app {

namespace {

using data::Json;

Json defaults() {
    Json list = Json::array();
    for (const SettingInfo& setting : all_settings()) {
        list.push_back({{"name", std::string(setting.name)},
                        {"value", std::string(setting.default_value)},
                        {"bounds", bounds_text(setting)},
                        {"kind", std::string(kind_name(setting.kind))},
                        {"flag", flag_name(setting)},
                        {"environment", environment_name(setting)},
                        {"example", std::string(setting.example)},
                        {"doc", std::string(setting.doc)},
                        {"needs_restart", setting.needs_restart}});
    }
    return list;
}

/// A store on a server is reached; nothing is changed there.
Status check_store(const Settings& settings) {
    ASSIGN_OR_RETURN(const std::optional<sql::Server> server, store_server(settings));
    if (server) { RETURN_IF_ERROR(sql::Database::open(*server)); }
    return {};
}

Outcome<void> check(const CommandLine& line, const SettingOptions& options) {
    const std::string file = settings_file(options);
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    for (const Status& status :
         {check_tls(settings, SystemClock()), check_listeners(settings), check_store(settings)}) {
        if (!status) { return std::unexpected(to_failure(status.error())); }
    }
    if (line.format == OutputFormat::Table) {
        print_text(file.empty() ? "The settings are right; there is no settings file.\n"
                                : fmt::format("{} and the other settings are right.\n", file));
    } else {
        print_data(Json{{"file", file}, {"valid", true}}, line.format, {});
    }
    return {};
}

Outcome<void> show(const CommandLine& line, const SettingOptions& options, bool only_defaults) {
    if (only_defaults) {
        print_data(defaults(), line.format,
                   {{"NAME", "/name"}, {"DEFAULT", "/value"}, {"ALLOWED", "/bounds"}});
        return {};
    }
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    print_data(settings.to_json(), line.format,
               {{"NAME", "/name"}, {"VALUE", "/value"}, {"FROM", "/origin"}});
    return {};
}

}  // namespace

void add_config_command(CLI::App& app, CommandLine& line) {
    CLI::App* config = app.add_subcommand("config", "The settings of 'lintel serve'");
    config->require_subcommand(1);

    CLI::App* check_command =
        config->add_subcommand("check", "Check the settings file and the environment");
    const auto check_options = add_setting_options(*check_command);
    check_command->add_option("FILE", check_options->config_file, "Settings file to check");
    check_command->callback([&line, check_options] {
        line.action = [&line, check_options] { return check(line, *check_options); };
    });

    CLI::App* show_command =
        config->add_subcommand("show", "Show each setting, its value and where it came from");
    const auto show_options = add_setting_options(*show_command);
    auto only_defaults = std::make_shared<bool>(false);
    show_command->add_flag("--defaults", *only_defaults, "All settings with their defaults");
    show_command->callback([&line, show_options, only_defaults] {
        line.action = [&line, show_options, only_defaults] {
            return show(line, *show_options, *only_defaults);
        };
    });
}

}  // namespace lintel::app
