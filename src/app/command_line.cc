#include <CLI/CLI.hpp>

#include <map>

#include "app/commands.h"
#include "app/suggestion.h"

namespace lintel::app {

namespace {

constexpr std::string_view kAbout =
    "Lintel: a self-hosted API gateway and API management platform.\n\n"
    "Start one with 'lintel serve'. The other commands talk to a running one\n"
    "(--server or LINTEL_SERVER) with a token (--token or LINTEL_TOKEN).";

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 2 wrong usage, 3 no answer from the server, 4 not logged in or\n"
    "not allowed, 5 not found, 6 conflict, 7 refused for another reason.";

void add_shared_options(CLI::App& app, CommandLine& line) {
    app.add_option("--server", line.server, "Address of the management API")
        ->envname("LINTEL_SERVER")
        ->capture_default_str();
    app.add_option("--token", line.token, "Token to come with; better set it in LINTEL_TOKEN")
        ->envname("LINTEL_TOKEN");
    app.add_option("--gateway", line.gateway, "Code of the gateway that is meant")
        ->envname("LINTEL_GATEWAY")
        ->capture_default_str();
    app.add_flag("-v,--verbose", line.verbose, "Tell each call to the server on stderr");
    const std::map<std::string, OutputFormat> formats{
        {"table", OutputFormat::Table}, {"json", OutputFormat::Json}, {"yaml", OutputFormat::Yaml}};
    app.add_option("-o,--output", line.format, "table, json or yaml; json is a stable contract")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->option_text("FORMAT");
}

/// Names a user may have meant: commands, or options when the word looks like one.
std::vector<std::string_view> candidates(const CLI::App& app, bool options,
                                         std::vector<std::string>& memory) {
    for (const CLI::App* command : app.get_subcommands({})) {
        if (!options) { memory.push_back(command->get_name()); }
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            if (options) { memory.push_back("--" + name); }
        }
    }
    return {memory.begin(), memory.end()};
}

/// The innermost command that was recognised.
const CLI::App& chosen(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : chosen(*parsed.back());
}

/// "lintel credential create".
std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? "lintel" : full_name(*parent) + " " + command.get_name();
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& command = chosen(app);
    std::string sentence = error.what();
    const auto left = command.remaining(true);
    const auto top = app.remaining(true);
    const std::vector<std::string>& words = left.empty() ? top : left;
    if (!words.empty()) {
        const bool is_option = words.front().starts_with("-");
        std::vector<std::string> memory;
        const std::string_view guess =
            nearest(words.front(), candidates(command, is_option, memory));
        sentence = "'" + words.front() + "' is not understood here";
        if (!guess.empty()) { sentence += "; did you mean '" + std::string(guess) + "'?"; }
    }
    tell("error: " + sentence + "\n  '" + full_name(command) + " --help' explains the usage.");
    return static_cast<int>(ExitCode::Usage);
}

void add_commands(CLI::App& app, CommandLine& line) {
    add_serve_command(app, line);
    add_admin_command(app, line);
    add_token_command(app, line);
    add_store_command(app, line);
    add_config_command(app, line);
    add_import_command(app, line);
    add_publish_commands(app, line);
    add_credential_command(app, line);
    add_user_command(app, line);
    add_project_command(app, line);
    add_get_command(app, line);
    add_delete_command(app, line);
    add_api_command(app, line);
    add_version_command(app, line);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    CLI::App app{std::string(kAbout), "lintel"};
    CommandLine line;
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(std::string(kExitCodes));
    add_shared_options(app, line);
    add_commands(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        print_text(chosen(app).help());
        return static_cast<int>(ExitCode::Done);
    } catch (const CLI::ParseError& error) { return usage_error(app, error); }
    const Outcome<void> outcome = line.action();
    if (outcome) { return static_cast<int>(ExitCode::Done); }
    tell("error: " + outcome.error().message);
    return static_cast<int>(outcome.error().exit_code);
}

}  // namespace lintel::app
