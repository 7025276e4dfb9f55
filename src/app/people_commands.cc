// lintel user create, lintel project create.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"
#include "app/local_file.h"

namespace lintel::app {

namespace {

using data::Json;

struct UserOptions {
    std::string name;
    std::string password_file;
    std::string display_name;
    std::string email;
    bool is_system_admin = false;
};

struct ProjectOptions {
    std::string name;
    std::string description;
};

Outcome<void> create_user(const CommandLine& line, const UserOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(const Secret password, options.password_file.empty()
                                                ? ask_password("Password of the user: ")
                                                : read_secret_file(options.password_file));
    ASSIGN_OR_RETURN(const ApiAnswer answer,
                     client.call({.method = "POST",
                                  .path = "/api/v1/users",
                                  .body = Json{{"name", options.name},
                                               {"password", std::string(password.reveal())},
                                               {"display_name", options.display_name},
                                               {"email", options.email},
                                               {"is_system_admin", options.is_system_admin}}}));
    tell(fmt::format("User '{}' can log in now.", data::find_string(answer.body, "name")));
    print_data(answer.body, line.format, {});
    return {};
}

Outcome<void> create_project(const CommandLine& line, const ProjectOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(
        const ApiAnswer answer,
        client.call({.method = "POST",
                     .path = line.path({"projects"}),
                     .body = Json{{"name", options.name}, {"description", options.description}}}));
    tell(fmt::format("Project '{}' is there; 'lintel api putMember' gives it members.",
                     options.name));
    print_data(answer.body, line.format, {});
    return {};
}

}  // namespace

void add_user_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<UserOptions>();
    CLI::App* user = app.add_subcommand("user", "Users");
    user->require_subcommand(1);
    CLI::App* create = user->add_subcommand("create", "Create a user");
    create->add_option("NAME", options->name, "Name to log in with")->required();
    create->add_option("--password-file", options->password_file,
                       "File whose first line is the password; '-' reads the standard input");
    create->add_option("--display-name", options->display_name, "Name to be shown");
    create->add_option("--email", options->email, "E-mail address");
    create->add_flag("--system-admin", options->is_system_admin, "May do everything everywhere");
    create->callback([&line, options] {
        line.action = [&line, options] { return create_user(line, *options); };
    });
}

void add_project_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<ProjectOptions>();
    CLI::App* project = app.add_subcommand("project", "Projects");
    project->require_subcommand(1);
    CLI::App* create = project->add_subcommand("create", "Create a project");
    create->add_option("NAME", options->name, "Name of the project")->required();
    create->add_option("--description", options->description, "What it is for");
    create->callback([&line, options] {
        line.action = [&line, options] { return create_project(line, *options); };
    });
}

}  // namespace lintel::app
