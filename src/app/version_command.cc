#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/version.h"

namespace lintel::app {

void add_version_command(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("version", "Tell the version of this program");
    command->callback([&line] {
        line.action = [&line]() -> Outcome<void> {
            if (line.format == OutputFormat::Table) {
                print_text("lintel " + std::string(kVersion) + "\n");
            } else {
                print_data({{"version", std::string(kVersion)}}, line.format, {});
            }
            return {};
        };
    });
}

}  // namespace lintel::app
