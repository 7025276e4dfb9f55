// Users, for system administrators.
#include <fmt/core.h>

#include "admin/bindings.h"
#include "management/users.h"

namespace lintel::admin {

namespace {

Answer user_answer(const model::User& user) {
    return Answer::shown(model::to_json(user), user.version);
}

Result<Answer> list_users(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_users(call.management, *call.caller,
                                            call.query_text("q").value_or(""), call.page()));
    return page_answer(page, [](const model::User& user) { return model::to_json(user); });
}

Result<Answer> create_user(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::User user,
        management::create_user(call.management, *call.caller,
                                {.name = call.body_text("name").value_or(""),
                                 .password = Secret(call.body_text("password").value_or("")),
                                 .display_name = call.body_text("display_name").value_or(""),
                                 .email = call.body_text("email").value_or(""),
                                 .is_system_admin = call.body_flag("is_system_admin", false)}));
    return user_answer(user).made_at(fmt::format("/api/v1/users/{}", user.id.str()));
}

Result<Answer> show_user(const Call& call) {
    ASSIGN_OR_RETURN(const model::User user,
                     management::show_user(call.management, *call.caller, call.path_text("user")));
    return user_answer(user);
}

Result<Answer> edit_user(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::User user,
        management::edit_user(call.management, *call.caller, call.path_text("user"),
                              {.display_name = call.body_text("display_name"),
                               .email = call.body_text("email"),
                               .is_system_admin = call.body_switch("is_system_admin"),
                               .mail_notifications = call.body_switch("mail_notifications"),
                               .enabled = call.body_switch("enabled")},
                              call.expected));
    return user_answer(user);
}

Result<Answer> delete_user(const Call& call) {
    RETURN_IF_ERROR(management::delete_user(call.management, *call.caller, call.path_text("user"),
                                            call.expected));
    return Answer::gone();
}

Result<Answer> set_password(const Call& call) {
    RETURN_IF_ERROR(management::set_password(call.management, *call.caller, call.path_text("user"),
                                             Secret(call.body_text("password").value_or(""))));
    return Answer::gone();
}

}  // namespace

std::vector<Binding> user_bindings() {
    return {
        {"listUsers", list_users}, {"createUser", create_user}, {"showUser", show_user},
        {"editUser", edit_user},   {"deleteUser", delete_user}, {"setPassword", set_password},
    };
}

}  // namespace lintel::admin
