// The commands of the program. Each add_* function declares one command with its options and leaves
// in `action` what runs when it was chosen.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/api_client.h"
#include "app/failure.h"
#include "app/output.h"

namespace CLI {
class App;
}

namespace lintel::app {

/// What all commands share: options given anywhere on the line, and the action of the chosen one.
struct CommandLine {
    std::string server = "http://127.0.0.1:9080";
    std::string token;
    std::string gateway = "default";  ///< code of the one that is meant
    bool verbose = false;
    OutputFormat format = OutputFormat::Table;
    std::function<Outcome<void>()> action;

    /// Below the gateway, each part as one segment.
    std::string path(const std::vector<std::string_view>& parts) const {
        return gateway_path(gateway, parts);
    }
    Outcome<ApiClient> client() const {
        return ApiClient::build({.server = server, .token = token, .verbose = verbose});
    }
};

void add_serve_command(CLI::App& app, CommandLine& line);
void add_admin_command(CLI::App& app, CommandLine& line);
void add_token_command(CLI::App& app, CommandLine& line);
void add_import_command(CLI::App& app, CommandLine& line);
void add_publish_commands(CLI::App& app, CommandLine& line);
void add_credential_command(CLI::App& app, CommandLine& line);
void add_user_command(CLI::App& app, CommandLine& line);
void add_project_command(CLI::App& app, CommandLine& line);
void add_get_command(CLI::App& app, CommandLine& line);
void add_delete_command(CLI::App& app, CommandLine& line);
void add_api_command(CLI::App& app, CommandLine& line);
void add_store_command(CLI::App& app, CommandLine& line);
void add_config_command(CLI::App& app, CommandLine& line);
void add_version_command(CLI::App& app, CommandLine& line);

/// Parses the line and runs the chosen command; the exit code of the process.
int run_command_line(int argc, const char* const* argv);

}  // namespace lintel::app
