// Set-up, log-in, users and tokens.
#include "admin/bindings.h"
#include "management/accounts.h"

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
    return Answer::shown({{"user", model::to_json(call.caller->user())},
                          {"token", model::to_json(call.caller->token())},
                          {"permissions", std::move(permissions)}});
}

Result<Answer> list_users(const Call& call) {
    ASSIGN_OR_RETURN(const auto users, management::list_users(call.management, *call.caller));
    return list_answer(users, [](const model::User& user) { return model::to_json(user); });
}

Result<Answer> create_user(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::User user,
        management::create_administrator(call.management, *call.caller,
                                         call.body_text("name").value_or(""), password_of(call)));
    return Answer{.status = 201, .body = model::to_json(user)};
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
        {"listUsers", list_users},
        {"createUser", create_user},
        {"listTokens", list_tokens},
        {"createToken", create_token},
        {"revokeToken", revoke_token},
    };
}

}  // namespace lintel::admin
