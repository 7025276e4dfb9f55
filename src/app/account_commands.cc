// lintel admin create, lintel token create: they open the store themselves, so they work before
// anybody can log in.
#include <CLI/CLI.hpp>

#include <cstdlib>

#include <fmt/core.h>

#include "app/commands.h"
#include "app/local_file.h"
#include "app/local_store.h"
#include "app/setting_options.h"
#include "management/accounts.h"
#include "management/users.h"

namespace lintel::app {

namespace {

using data::Json;

const std::vector<std::string_view> kStoreSettings{
    "data", "store", "store_password_file", "master_key_file", "token.life", "token.life_max"};

struct AdminOptions {
    std::string name;
    std::string password_file;
};

struct TokenOptions {
    std::string name;
    std::string user;
    std::vector<std::string> permissions;
    std::vector<std::string> projects;
    std::string life;
};

Outcome<std::unique_ptr<LocalManagement>> open_local(const SettingOptions& options) {
    ASSIGN_OR_RETURN(const Settings settings, load_settings(options));
    auto local = LocalManagement::open(settings);
    if (!local) { return std::unexpected(to_failure(local.error())); }
    return *std::move(local);
}

Outcome<Secret> password_of(const AdminOptions& options) {
    if (!options.password_file.empty()) { return read_secret_file(options.password_file); }
    if (const char* file = std::getenv("LINTEL_ADMIN_PASSWORD_FILE"); file != nullptr) {
        return read_secret_file(file);
    }
    if (const char* password = std::getenv("LINTEL_ADMIN_PASSWORD"); password != nullptr) {
        return Secret(password);
    }
    ASSIGN_OR_RETURN(Secret password, ask_password("Password: "));
    ASSIGN_OR_RETURN(const Secret again, ask_password("Again: "));
    if (!password.equals(again.reveal())) {
        return give_up(ExitCode::Usage, "The two passwords are not the same");
    }
    return password;
}

Outcome<void> create_admin(const CommandLine& line, const SettingOptions& settings,
                           const AdminOptions& options) {
    ASSIGN_OR_RETURN(const Secret password, password_of(options));
    ASSIGN_OR_RETURN(const std::unique_ptr<LocalManagement> local, open_local(settings));
    const auto user = management::create_administrator(
        local->management(), management::Caller::at_command_line(), options.name, password);
    if (!user) { return std::unexpected(to_failure(user.error())); }
    tell(fmt::format("Administrator '{}' can log in now.", user->name));
    print_data(model::to_json(*user), line.format, {});
    return {};
}

/// Tokens need an owner; when there is one user only, everybody knows who is meant.
Outcome<std::string> owner_of_token(management::Management& m, const TokenOptions& options) {
    if (!options.user.empty()) { return options.user; }
    const auto users =
        management::list_users(m, management::Caller::at_command_line(), "", {.page_size = 2});
    if (!users) { return std::unexpected(to_failure(users.error())); }
    if (users->items.size() == 1) { return users->items.front().name; }
    return give_up(ExitCode::Usage,
                   users->items.empty()
                       ? "There is no user yet; 'lintel admin create NAME' makes one"
                       : "Say whose token it is with --user NAME");
}

Outcome<void> create_token(const CommandLine& line, const SettingOptions& settings,
                           const TokenOptions& options) {
    management::NewToken request{
        .name = options.name, .permissions = options.permissions, .projects = options.projects};
    if (!options.life.empty()) {
        const auto life = parse_duration(options.life);
        if (!life) {
            return give_up(ExitCode::Usage,
                           fmt::format("--expires '{}' {}", options.life, life.error().message));
        }
        request.life = *life;
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<LocalManagement> local, open_local(settings));
    ASSIGN_OR_RETURN(request.user, owner_of_token(local->management(), options));
    const auto issued = management::create_token(local->management(),
                                                 management::Caller::at_command_line(), request);
    if (!issued) { return std::unexpected(to_failure(issued.error())); }
    tell(fmt::format("Token '{}' of '{}' lasts until {}. It cannot be shown again.", options.name,
                     issued->user.name, to_rfc3339(issued->token.expires_at)));
    const std::string text(issued->text.reveal());
    if (line.format == OutputFormat::Table) {
        print_text(text + "\n");
        return {};
    }
    Json json = model::to_json(issued->token);
    json["token"] = text;
    print_data(json, line.format, {});
    return {};
}

}  // namespace

void add_admin_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<AdminOptions>();
    CLI::App* admin = app.add_subcommand("admin", "Administrators, on the store of this machine");
    admin->require_subcommand(1);
    CLI::App* create = admin->add_subcommand("create", "Create an administrator");
    create->footer(
        "The password is asked for, or read from --password-file, LINTEL_ADMIN_PASSWORD_FILE or\n"
        "LINTEL_ADMIN_PASSWORD.");
    create->add_option("NAME", options->name, "Name to log in with")->required();
    create->add_option("--password-file", options->password_file,
                       "File whose first line is the password; '-' reads the standard input");
    const auto settings = add_setting_options(*create, kStoreSettings);
    create->callback([&line, options, settings] {
        line.action = [&line, options, settings] {
            return create_admin(line, *settings, *options);
        };
    });
}

void add_token_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<TokenOptions>();
    CLI::App* token = app.add_subcommand("token", "Tokens, on the store of this machine");
    token->require_subcommand(1);
    CLI::App* create = token->add_subcommand("create", "Create a token and print it");
    create->footer("Example: export LINTEL_TOKEN=$(lintel token create --expires 8h)");
    create->add_option("--name", options->name, "What it is for")->default_val("command line");
    create->add_option("--user", options->user, "Whose token; not needed with one user");
    create->add_option("--permission", options->permissions,
                       "Restrict it to this, such as service:publish (repeatable)");
    create->add_option("--project", options->projects,
                       "Restrict it to this project, by name or id (repeatable)");
    create->add_option("--expires", options->life, "When it expires from now: 30m, 8h, 90d");
    const auto settings = add_setting_options(*create, kStoreSettings);
    create->callback([&line, options, settings] {
        line.action = [&line, options, settings] {
            return create_token(line, *settings, *options);
        };
    });
}

}  // namespace lintel::app
