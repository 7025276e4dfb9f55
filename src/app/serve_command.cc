// lintel serve: the gateway with its management API, until a signal ends it.
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/node.h"
#include "app/process_signals.h"
#include "app/setting_options.h"
#include "app/version.h"
#include "base/log.h"

namespace lintel::app {

namespace {

/// What somebody who just started it wants to know.
void tell_banner(const Node& node, const Settings& settings) {
    const std::string admin = node.admin_address();
    const std::string tls = node.tls_address();
    tell(
        fmt::format("Lintel {}\n"
                    "  APIs            http://{}{}\n"
                    "  management API  http://{}/api/v1/openapi.json\n"
                    "  health          http://{}/readyz  http://{}/metrics\n"
                    "  data            {}",
                    kVersion, node.call_address(), tls.empty() ? "" : "  https://" + tls, admin,
                    admin, admin, settings.text("data")));
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

Outcome<void> serve(const SettingOptions& options) {
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    log::Level level = log::Level::Info;
    log::parse_level(settings.text("log_level"), level);
    log::set_level(level);
    block_signals();
    auto node = Node::start(settings);
    if (!node) { return std::unexpected(to_failure(node.error())); }
    tell_banner(**node, settings);
    while (wait_for_signal() == ProcessSignal::Reopen) {
        (*node)->reopen_access_log();
    }
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
        "all. SIGTERM and SIGINT stop it after the calls in flight, SIGHUP opens the access log\n"
        "again.");
    const auto options = add_setting_options(*command);
    command->callback([&line, options] { line.action = [options] { return serve(*options); }; });
}

}  // namespace lintel::app
