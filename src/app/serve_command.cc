// lintel serve: the gateway with its management API, until a signal ends it.
#include <CLI/CLI.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/node.h"
#include "app/process_signals.h"
#include "app/readiness.h"
#include "app/setting_options.h"
#include "app/upgrade.h"
#include "app/version.h"
#include "base/log.h"
#include "sql/server.h"

namespace lintel::app {

namespace {

/// What somebody who just started it wants to know.
void tell_banner(const Node& node, const Settings& settings) {
    const std::string admin = node.admin_address();
    const std::string tls = node.tls_address();
    const std::string& url = settings.text("store");
    tell(fmt::format(
        "Lintel {}\n"
        "  APIs            http://{}{}\n"
        "  management API  http://{}/api/v1/openapi.json\n"
        "  health          http://{}/readyz  http://{}/metrics\n"
        "  data            {}{}",
        kVersion, node.call_address(), tls.empty() ? "" : "  https://" + tls, admin, admin, admin,
        settings.text("data"), url.empty() ? "" : "\n  store           " + sql::shown_url(url)));
    const FirstAdministrator& first = node.first_administrator();
    if (!first.created.empty()) {
        tell(fmt::format("  administrator   '{}' was made as the environment asks", first.created));
    }
    if (!first.setup_code.empty()) {
        tell(fmt::format(
            "\nNobody can log in yet. Make the first administrator within 30 minutes:\n"
            "  set-up code: {}\n"
            "  curl http://{}/api/v1/setup -H 'Content-Type: application/json' \\\n"
            "       -d '{{\"code\":\"{}\",\"name\":\"admin\",\"password\":\"...\"}}'\n"
            "or with: lintel admin create NAME --data {}\n",
            first.setup_code.reveal(), admin, first.setup_code.reveal(), settings.text("data")));
    }
    if (!settings.flag("production")) {
        log::info(
            "backends on loopback and private addresses are allowed; 'production' forbids it");
    }
}

void apply_log_level(const Settings& settings) {
    log::Level level = log::Level::Info;
    log::parse_level(settings.text("log_level"), level);
    log::set_level(level);
}

/// Opens the access log again and reads the settings. What cannot change while the program runs is
/// told; what is wrong changes nothing.
void reload(Node& node, const Settings& at_start, const SettingOptions& options) {
    node.reopen_access_log();
    const auto settings = load_settings(options);
    if (!settings) {
        log::error("the settings are not right; those before stay in force",
                   {{"error", settings.error().message}});
        return;
    }
    for (const SettingInfo& setting : all_settings()) {
        if (setting.needs_restart && settings->text(setting.name) != at_start.text(setting.name)) {
            log::warn("a setting has changed that is read at start only",
                      {{"setting", setting.name}});
        }
    }
    apply_log_level(*settings);
    node.reload(*settings);
    log::info("settings reloaded");
}

/// Until somebody ends it, or a successor serves.
void serve_until_the_end(Node& node, const Settings& settings, const SettingOptions& options,
                         const std::string& executable) {
    while (true) {
        switch (wait_for_signal()) {
            case ProcessSignal::Reload: reload(node, settings, options); break;
            case ProcessSignal::Upgrade:
                if (node.hand_over(executable)) { return; }
                break;
            case ProcessSignal::Stop: tell_service_manager("STOPPING=1"); return;
        }
    }
}

Outcome<void> serve(const SettingOptions& options) {
    const std::string executable = own_executable();
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    apply_log_level(settings);
    block_signals();
    auto inherited = Inherited::take();
    if (!inherited) { return std::unexpected(to_failure(inherited.error())); }
    auto node = Node::start(settings, *inherited);
    if (!node) { return std::unexpected(to_failure(node.error())); }
    tell_banner(**node, settings);
    tell_service_manager(fmt::format("MAINPID={}\nREADY=1", ::getpid()));
    inherited->predecessor.tell_ready();
    serve_until_the_end(**node, settings, options, executable);
    log::info("stopping");
    // Whoever cannot wait for the calls in flight sends the signal again.
    unblock_signals();
    (*node)->stop();
    return {};
}

}  // namespace

void add_serve_command(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("serve", "Start the gateway and its management API");
    command->footer(
        "Every setting can also be given as LINTEL_... or in lintel.yaml; docs/settings.md has "
        "them\n"
        "all. SIGTERM and SIGINT stop it after the calls in flight; SIGHUP reads the settings "
        "that\n"
        "may change and opens the access log again; SIGUSR2 replaces it by the program that now\n"
        "lies in its place, without refusing a call.");
    const auto options = add_setting_options(*command);
    command->callback([&line, options] { line.action = [options] { return serve(*options); }; });
}

}  // namespace lintel::app
