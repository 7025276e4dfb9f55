// Direct grants of a service's APIs, and those that a credential has.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/grants.h"

namespace lintel::admin {

namespace {

management::GrantRef grant_of(const Call& call) {
    return {.service = call.path_text("service"), .grant = model::GrantId(call.path_text("grant"))};
}

/// Null is none.
Result<std::optional<TimeMs>> expiry_of(const Call& call) {
    const std::optional<std::string> text = call.body_text("expires_at");
    if (!text) { return std::optional<TimeMs>(); }
    const std::optional<TimeMs> time = parse_rfc3339(*text);
    if (time) { return time; }
    return fail({.code = Code::FieldInvalid,
                 .message = "The expiry is no time.",
                 .faults = {{"/expires_at", "field.format",
                             "must be a time such as 2027-01-01T00:00:00Z"}}});
}

Result<Answer> grants_answer(const Call& call, const management::GrantFilter& filter) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_grants(call.management, *call.caller, filter, call.page()));
    return page_answer(page,
                       [](const management::GrantView& view) { return management::to_json(view); });
}

Result<Answer> list_grants(const Call& call) {
    return grants_answer(call, {.service = call.path_text("service")});
}

Result<Answer> list_credential_grants(const Call& call) {
    return grants_answer(call, {.credential = model::CredentialId(call.path_text("credential"))});
}

Result<Answer> create_grant(const Call& call) {
    ASSIGN_OR_RETURN(const std::optional<TimeMs> expires_at, expiry_of(call));
    const management::NewGrant request{
        .service = call.path_text("service"),
        .credential = model::CredentialId(call.body_text("credential").value_or("")),
        .api = model::ApiId(call.body_text("api").value_or("")),
        .environments = call.body_texts("environments"),
        .expires_at = expires_at};
    ASSIGN_OR_RETURN(const auto written,
                     management::create_grant(call.management, *call.caller, request));
    const model::Grant& grant = written.value.row.grant;
    Answer answer = Answer::created(management::to_json(written.value),
                                    fmt::format("{}/services/{}/grants/{}", call.gateway_path(),
                                                request.service, grant.id.str()),
                                    written.revision);
    answer.version = grant.version;
    return answer;
}

Result<Answer> show_grant(const Call& call) {
    ASSIGN_OR_RETURN(const auto view,
                     management::show_grant(call.management, *call.caller, grant_of(call)));
    return Answer::shown(management::to_json(view), view.row.grant.version);
}

Result<Answer> edit_grant(const Call& call) {
    ASSIGN_OR_RETURN(const std::optional<TimeMs> expires_at, expiry_of(call));
    ASSIGN_OR_RETURN(const auto written,
                     management::set_grant_expiry(call.management, *call.caller, grant_of(call),
                                                  expires_at, call.expected));
    return Answer::written(management::to_json(written.value), written.value.row.grant.version,
                           written.revision);
}

Result<Answer> revoke_grant(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::revoke_grant(call.management, *call.caller,
                                                                  grant_of(call), call.expected));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> grant_bindings() {
    return {
        {"listGrants", list_grants},   {"createGrant", create_grant},
        {"showGrant", show_grant},     {"editGrant", edit_grant},
        {"revokeGrant", revoke_grant}, {"listCredentialGrants", list_credential_grants},
    };
}

}  // namespace lintel::admin
