// Set-up, log-in, tokens, and who one is.
#include "admin/bindings.h"
#include "management/access_policies.h"
#include "management/accounts.h"
#include "management/projects.h"
#include "management/users.h"

namespace lintel::admin {

namespace {

using data::Json;

Secret password_of(const Call& call) {
    return Secret(call.body_text("password").value_or(""));
}

Answer issued(const management::IssuedToken& issued) {
    return {.status = 201,
            .body = {{"token", std::string(issued.text.reveal())},
                     {"id", issued.token.id.str()},
                     {"name", issued.token.name},
                     {"permissions", issued.token.permissions},
                     {"projects", model::to_json(issued.token).at("projects")},
                     {"expires_at", to_rfc3339(issued.token.expires_at)},
                     {"user", model::to_json(issued.user)}}};
}

Result<Answer> set_up(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto token,
        management::set_up(call.management, call.body_text("code").value_or(""),
                           call.body_text("name").value_or(""), password_of(call), call.client));
    return issued(token);
}

Result<Answer> log_in(const Call& call) {
    ASSIGN_OR_RETURN(const auto token,
                     management::log_in(call.management, call.body_text("name").value_or(""),
                                        password_of(call), call.client));
    return issued(token);
}

Result<Answer> log_out(const Call& call) {
    RETURN_IF_ERROR(management::log_out(call.management, *call.caller));
    return Answer::gone();
}

Result<Answer> who_am_i(const Call& call) {
    Json permissions = Json::array();
    for (const management::Permission permission : call.caller->permissions()) {
        permissions.push_back(std::string(management::name(permission)));
    }
    ASSIGN_OR_RETURN(const auto views, management::projects_of(call.management, *call.caller));
    Json projects = Json::array();
    for (const management::ProjectView& view : views) {
        projects.push_back(management::to_json(view));
    }
    ASSIGN_OR_RETURN(const auto policies,
                     management::own_access_policies(call.management, *call.caller));
    Json attached = Json::array();
    for (const model::AccessPolicy& policy : policies) {
        attached.push_back({{"name", policy.name}, {"statements", to_json(policy.statements)}});
    }
    return Answer::shown({{"user", model::to_json(call.caller->user())},
                          {"token", model::to_json(call.caller->token())},
                          {"permissions", std::move(permissions)},
                          {"projects", std::move(projects)},
                          {"access_policies", std::move(attached)}},
                         call.caller->user().version);
}

Result<Answer> edit_account(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::User user,
        management::edit_account(call.management, *call.caller,
                                 {.display_name = call.body_text("display_name"),
                                  .email = call.body_text("email"),
                                  .mail_notifications = call.body_switch("mail_notifications")},
                                 call.expected));
    return Answer::shown(model::to_json(user), user.version);
}

Result<Answer> change_password(const Call& call) {
    RETURN_IF_ERROR(management::change_password(
        call.management, *call.caller, Secret(call.body_text("current_password").value_or("")),
        password_of(call)));
    return Answer::gone();
}

Result<Answer> list_tokens(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_tokens(call.management, *call.caller, call.page()));
    return page_answer(page, [](const model::ApiToken& token) { return model::to_json(token); });
}

Result<Answer> create_token(const Call& call) {
    management::NewToken request{.name = call.body_text("name").value_or("")};
    if (const Json* permissions = data::find(call.body, "permissions")) {
        request.permissions = permissions->get<std::vector<std::string>>();
    }
    if (const Json* projects = data::find(call.body, "projects")) {
        request.projects = projects->get<std::vector<std::string>>();
    }
    if (const auto seconds = call.body_integer("life_s")) {
        request.life = std::chrono::seconds(*seconds);
    }
    ASSIGN_OR_RETURN(const auto token,
                     management::create_token(call.management, *call.caller, request));
    return issued(token);
}

Result<Answer> revoke_token(const Call& call) {
    RETURN_IF_ERROR(management::revoke_token(call.management, *call.caller,
                                             model::ApiTokenId(call.path_text("token"))));
    return Answer::gone();
}

}  // namespace

std::vector<Binding> access_bindings() {
    return {
        {"setUp", set_up},
        {"logIn", log_in},
        {"logOut", log_out},
        {"whoAmI", who_am_i},
        {"editAccount", edit_account},
        {"changePassword", change_password},
        {"listTokens", list_tokens},
        {"createToken", create_token},
        {"revokeToken", revoke_token},
    };
}

}  // namespace lintel::admin
