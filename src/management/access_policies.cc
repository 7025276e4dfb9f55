#include "management/access_policies.h"

#include <algorithm>

#include "management/access_policy_rules.h"
#include "management/user_rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxAttached = 10;
constexpr int kAnyAttached = 1;

Subject subject_of_policy(const model::AccessPolicy& policy) {
    return {.type = "access_policy", .id = policy.id.str(), .name = policy.name};
}

/// Otherwise whoever may write policies could take off what was put on by others.
Status require_not_own(store::Transaction& tx, const Caller& caller,
                       const model::AccessPolicy& policy) {
    if (caller.user().is_root) { return {}; }
    ASSIGN_OR_RETURN(const std::vector<model::AccessPolicy> own,
                     tx.access_policies().of_user(caller.user().id));
    if (std::ranges::find(own, policy.id, &model::AccessPolicy::id) == own.end()) { return {}; }
    return fail(Code::PermissionDenied, "The access policy '" + policy.name +
                                            "' is attached to you; somebody else must change it.");
}

Status require_free_policy_name(store::Transaction& tx, const model::AccessPolicy& policy) {
    ASSIGN_OR_RETURN(const auto holder, tx.access_policies().find(policy.name));
    if (!holder || holder->id == policy.id) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "There is already an access policy '" + policy.name + "'.",
                 .faults = {{"/name", "name.taken", "is the name of another access policy"}}});
}

/// Those named, none of which allows more than the caller holds. FieldInvalid with every fault.
Result<std::vector<model::AccessPolicy>> choose_policies(store::Transaction& tx,
                                                         const Caller& caller,
                                                         const std::vector<std::string>& names) {
    std::vector<model::AccessPolicy> chosen;
    std::vector<Fault> faults;
    if (names.size() > kMaxAttached) {
        return invalid_field("/policies", "field.length", "may have at most 10 entries");
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string pointer = data::child_pointer("/policies", i);
        ASSIGN_OR_RETURN(const auto found, tx.access_policies().find(names[i]));
        if (!found) {
            faults.push_back({pointer, "access_policy.unknown", "names no access policy"});
            continue;
        }
        if (std::ranges::find(chosen, found->id, &model::AccessPolicy::id) != chosen.end()) {
            faults.push_back({pointer, "access_policy.repeated", "is there already"});
            continue;
        }
        ASSIGN_OR_RETURN(const std::vector<Fault> beyond,
                         faults_beyond(tx, caller, found->statements));
        if (!beyond.empty()) {
            faults.push_back({pointer, "access_policy.beyond", beyond.front().detail});
        }
        chosen.push_back(*found);
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return chosen;
}

data::Json names_as_json(const std::vector<model::AccessPolicy>& policies) {
    data::Json names = data::Json::array();
    for (const model::AccessPolicy& policy : policies) {
        names.push_back(policy.name);
    }
    return {{"policies", std::move(names)}};
}

}  // namespace

Result<Page<model::AccessPolicy>> list_access_policies(Management& m, const Caller& caller,
                                                       const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(std::vector<model::AccessPolicy> policies,
                     tx.access_policies().list({.after = after, .limit = limit}));
    return page_of(std::move(policies), page,
                   [](const model::AccessPolicy& policy) { return policy.name; });
}

Result<model::AccessPolicy> show_access_policy(Management& m, const Caller& caller,
                                               const std::string& policy) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_access_policy(tx, policy, {});
}

Result<model::AccessPolicy> create_access_policy(Management& m, const Caller& caller,
                                                 const AccessPolicyContent& content) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::AccessPolicy policy, read_content(tx, caller, content));
    RETURN_IF_ERROR(require_free_policy_name(tx, policy));
    policy.id = model::AccessPolicyId(make_id("acp"));
    policy.created_at = policy.updated_at = m.clock.now_ms();
    policy.created_by = caller.name();
    RETURN_IF_ERROR(tx.access_policies().add(policy));
    RETURN_IF_ERROR(record(tx, m, caller, "access_policy.create", subject_of_policy(policy),
                           {nullptr, model::to_json(policy)}));
    RETURN_IF_ERROR(tx.commit());
    return policy;
}

Result<model::AccessPolicy> replace_access_policy(Management& m, const Caller& caller,
                                                  const std::string& policy,
                                                  const AccessPolicyContent& content,
                                                  ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::AccessPolicy before, load_access_policy(tx, policy, expected));
    RETURN_IF_ERROR(require_not_own(tx, caller, before));
    ASSIGN_OR_RETURN(const model::AccessPolicy given, read_content(tx, caller, content));
    model::AccessPolicy after = before;
    after.name = given.name;
    after.description = given.description;
    after.statements = given.statements;
    RETURN_IF_ERROR(require_free_policy_name(tx, after));
    ++after.version;
    after.updated_at = m.clock.now_ms();
    RETURN_IF_ERROR(tx.access_policies().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, "access_policy.replace", subject_of_policy(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return after;
}

Status delete_access_policy(Management& m, const Caller& caller, const std::string& policy,
                            ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::AccessPolicy found, load_access_policy(tx, policy, expected));
    ASSIGN_OR_RETURN(const std::vector<model::UserId> users,
                     tx.access_policies().users_of(found.id, kAnyAttached));
    if (!users.empty()) {
        ASSIGN_OR_RETURN(const std::optional<model::User> user, tx.users().find(users.front()));
        return fail(Code::StateConflict, "The access policy '" + found.name + "' is attached to '" +
                                             (user ? user->name : users.front().str()) +
                                             "'; take it off everybody first.");
    }
    RETURN_IF_ERROR(tx.access_policies().remove(found.id));
    RETURN_IF_ERROR(record(tx, m, caller, "access_policy.delete", subject_of_policy(found),
                           {model::to_json(found)}));
    return tx.commit();
}

Result<AttachedPolicies> show_attached_policies(Management& m, const Caller& caller,
                                                const std::string& user) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::User found, load_user(tx, user, {}));
    AttachedPolicies attached{.user_version = found.version};
    ASSIGN_OR_RETURN(attached.policies, tx.access_policies().of_user(found.id));
    return attached;
}

Result<AttachedPolicies> attach_policies(Management& m, const Caller& caller,
                                         const std::string& user,
                                         const std::vector<std::string>& policies,
                                         ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::User found, load_user(tx, user, expected));
    RETURN_IF_ERROR(require_rank(caller, found));
    if (found.id == caller.user().id && !found.is_root) {
        return fail(Code::PermissionDenied,
                    "What is attached to yourself is changed by somebody else.");
    }
    ASSIGN_OR_RETURN(const std::vector<model::AccessPolicy> chosen,
                     choose_policies(tx, caller, policies));
    ASSIGN_OR_RETURN(const std::vector<model::AccessPolicy> before,
                     tx.access_policies().of_user(found.id));
    std::vector<model::AccessPolicyId> ids;
    std::ranges::transform(chosen, std::back_inserter(ids), &model::AccessPolicy::id);
    RETURN_IF_ERROR(tx.access_policies().attach(found.id, ids));
    ++found.version;
    RETURN_IF_ERROR(tx.users().save(found));
    RETURN_IF_ERROR(record(tx, m, caller, "user.attach_policies", subject_of(found),
                           {names_as_json(before), names_as_json(chosen)}));
    RETURN_IF_ERROR(tx.commit());
    return AttachedPolicies{.policies = chosen, .user_version = found.version};
}

Result<std::vector<model::AccessPolicy>> own_access_policies(Management& m, const Caller& caller) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return tx.access_policies().of_user(caller.user().id);
}

}  // namespace lintel::management
