#include "app/first_administrator.h"

#include <cstdlib>

#include "app/local_file.h"
#include "management/accounts.h"

namespace lintel::app {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

Result<Secret> password_from_environment() {
    const std::string file = variable("LINTEL_ADMIN_PASSWORD_FILE");
    if (!file.empty()) {
        const auto password = read_secret_file(file);
        if (!password) {
            return fail(Code::StartFailed,
                        "LINTEL_ADMIN_PASSWORD_FILE: " + password.error().message);
        }
        return *password;
    }
    return Secret(variable("LINTEL_ADMIN_PASSWORD"));
}

}  // namespace

Result<FirstAdministrator> prepare_first_administrator(management::Management& management) {
    FirstAdministrator first;
    ASSIGN_OR_RETURN(const bool is_needed, management::needs_setup(management));
    if (!is_needed) { return first; }
    const std::string name = variable("LINTEL_ADMIN_USER");
    if (name.empty()) {
        first.setup_code = management.guard.issue_setup_code(management.clock.now_ms());
        return first;
    }
    ASSIGN_OR_RETURN(const Secret password, password_from_environment());
    if (password.empty()) {
        return fail(Code::StartFailed,
                    "LINTEL_ADMIN_USER is set, but neither LINTEL_ADMIN_PASSWORD_FILE nor "
                    "LINTEL_ADMIN_PASSWORD is");
    }
    const auto user = management::create_administrator(
        management, management::Caller::at_command_line(), name, password);
    // Another process that started on the same store was faster.
    if (!user && user.error().code == Code::NameTaken) { return first; }
    if (!user) {
        Error error = user.error();
        error.message = "The administrator of LINTEL_ADMIN_USER cannot be made: " + error.message;
        return fail(std::move(error));
    }
    first.created = user->name;
    return first;
}

}  // namespace lintel::app
