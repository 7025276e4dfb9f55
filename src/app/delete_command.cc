// lintel delete: for ever, so it asks for --yes.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"

namespace lintel::app {

namespace {

struct DeleteOptions {
    std::string service;
    bool yes = false;
};

Outcome<void> run_delete(const CommandLine& line, const DeleteOptions& options) {
    if (!options.yes) {
        return give_up(
            ExitCode::Usage,
            fmt::format("This deletes '{0}' with its draft, releases and credentials for "
                        "ever.\n  Say 'lintel delete {0} --yes' if you mean it.",
                        options.service));
    }
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    RETURN_IF_ERROR(client.call({.method = "DELETE",
                                 .path = line.path({"services", options.service}),
                                 .fields = {{"If-Match", "*"}}}));
    tell(fmt::format("Service '{}' is gone.", options.service));
    return {};
}

}  // namespace

void add_delete_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<DeleteOptions>();
    CLI::App* command = app.add_subcommand("delete", "Delete a stopped service for ever");
    command->add_option("SERVICE", options->service, "Code or id of the service")->required();
    command->add_flag("--yes", options->yes, "Do it");
    command->callback([&line, options] {
        line.action = [&line, options] { return run_delete(line, *options); };
    });
}

}  // namespace lintel::app
