// Access policies, and whom they are attached to.
#include <fmt/core.h>

#include "admin/bindings.h"
#include "management/access_policies.h"

namespace lintel::admin {

namespace {

Answer policy_answer(const model::AccessPolicy& policy) {
    return Answer::shown(model::to_json(policy), policy.version);
}

management::AccessPolicyContent content_of(const Call& call) {
    return {.name = call.body_text("name").value_or(""),
            .description = call.body_text("description").value_or(""),
            .statements = call.body.at("statements")};
}

Answer attached_answer(const management::AttachedPolicies& attached) {
    Answer answer = list_answer(attached.policies, [](const model::AccessPolicy& policy) {
        return model::to_json(policy);
    });
    answer.version = attached.user_version;
    return answer;
}

Result<Answer> list_access_policies(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_access_policies(call.management, *call.caller, call.page()));
    return page_answer(page,
                       [](const model::AccessPolicy& policy) { return model::to_json(policy); });
}

Result<Answer> create_access_policy(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::AccessPolicy policy,
        management::create_access_policy(call.management, *call.caller, content_of(call)));
    return policy_answer(policy).made_at(
        fmt::format("/api/v1/access-policies/{}", policy.id.str()));
}

Result<Answer> show_access_policy(const Call& call) {
    ASSIGN_OR_RETURN(const model::AccessPolicy policy,
                     management::show_access_policy(call.management, *call.caller,
                                                    call.path_text("access_policy")));
    return policy_answer(policy);
}

Result<Answer> replace_access_policy(const Call& call) {
    ASSIGN_OR_RETURN(const model::AccessPolicy policy,
                     management::replace_access_policy(call.management, *call.caller,
                                                       call.path_text("access_policy"),
                                                       content_of(call), call.expected));
    return policy_answer(policy);
}

Result<Answer> delete_access_policy(const Call& call) {
    RETURN_IF_ERROR(management::delete_access_policy(
        call.management, *call.caller, call.path_text("access_policy"), call.expected));
    return Answer::gone();
}

Result<Answer> show_attached_policies(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto attached,
        management::show_attached_policies(call.management, *call.caller, call.path_text("user")));
    return attached_answer(attached);
}

Result<Answer> attach_policies(const Call& call) {
    ASSIGN_OR_RETURN(const auto attached,
                     management::attach_policies(
                         call.management, *call.caller, call.path_text("user"),
                         call.body.at("policies").get<std::vector<std::string>>(), call.expected));
    return attached_answer(attached);
}

}  // namespace

std::vector<Binding> access_policy_bindings() {
    return {
        {"listAccessPolicies", list_access_policies},
        {"createAccessPolicy", create_access_policy},
        {"showAccessPolicy", show_access_policy},
        {"replaceAccessPolicy", replace_access_policy},
        {"deleteAccessPolicy", delete_access_policy},
        {"showAttachedPolicies", show_attached_policies},
        {"attachPolicies", attach_policies},
    };
}

}  // namespace lintel::admin
