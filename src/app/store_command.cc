// lintel store copy: from the file of a machine to a database server.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"
#include "app/data_lock.h"
#include "app/local_store.h"
#include "app/setting_options.h"

namespace lintel::app {

namespace {

using data::Json;

Result<std::vector<sql::CopiedTable>> copy_into_server(const Settings& settings,
                                                       const sql::Server& server) {
    const std::filesystem::path directory(settings.text("data"));
    // Whatever a server changed meanwhile would be missing.
    ASSIGN_OR_RETURN(const DataLock lock, DataLock::take(directory));
    return store::Store::copy_file(directory, server, SystemClock());
}

Outcome<void> copy_store(const CommandLine& line, const SettingOptions& options) {
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    const auto server = store_server(settings);
    if (!server) { return std::unexpected(to_failure(server.error())); }
    if (!*server) {
        return give_up(ExitCode::Usage,
                       "Name the database that takes the store over with --store postgres://...");
    }
    const auto copied = copy_into_server(settings, **server);
    if (!copied) { return std::unexpected(to_failure(copied.error())); }
    Json tables = Json::array();
    for (const sql::CopiedTable& table : *copied) {
        tables.push_back({{"table", table.name}, {"rows", table.rows}});
    }
    tell(
        fmt::format("The store of '{}' is in {} now. Start 'lintel serve' with this --store and "
                    "the same master key; the file stays as it was.",
                    settings.text("data"), sql::shown_url(settings.text("store"))));
    print_data(tables, line.format, {{"TABLE", "/table"}, {"ROWS", "/rows"}});
    return {};
}

}  // namespace

void add_store_command(CLI::App& app, CommandLine& line) {
    CLI::App* store = app.add_subcommand("store", "The store of this machine");
    store->require_subcommand(1);
    CLI::App* copy =
        store->add_subcommand("copy", "Copy a SQLite store into an empty PostgreSQL database");
    copy->footer(
        "Stop the server first. Example:\n"
        "  lintel store copy --data ./data --store postgres://lintel@db.example.com/lintel");
    const auto settings = add_setting_options(*copy, {"data", "store", "store_password_file"});
    copy->callback([&line, settings] {
        line.action = [&line, settings] { return copy_store(line, *settings); };
    });
}

}  // namespace lintel::app
