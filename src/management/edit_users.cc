#include "management/shelf.h"
#include "management/user_rules.h"

namespace lintel::management {

namespace {

std::unexpected<Error> refuse_root(const model::User& user) {
    return fail(Code::StateConflict, "The user '" + user.name +
                                         "' is root, the first administrator, and stays an "
                                         "enabled system administrator.");
}

}  // namespace

Result<model::User> create_user(Management& m, const Caller& caller, const NewUser& request) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(model::User user, make_user(m, request));
    RETURN_IF_ERROR(require_rank(caller, user));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(add_user(tx, user));
    RETURN_IF_ERROR(
        record(tx, m, caller, "user.create", subject_of(user), {nullptr, model::to_json(user)}));
    RETURN_IF_ERROR(tx.commit());
    return user;
}

Result<model::User> edit_user(Management& m, const Caller& caller, const std::string& user,
                              const UserEdit& edit, ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::User before, load_user(tx, user, expected));
    model::User after = before;
    after.display_name = edit.display_name.value_or(before.display_name);
    after.email = edit.email.value_or(before.email);
    after.mail_notifications = edit.mail_notifications.value_or(before.mail_notifications);
    after.is_system_admin = edit.is_system_admin.value_or(before.is_system_admin);
    after.enabled = edit.enabled.value_or(before.enabled);
    RETURN_IF_ERROR(check_profile(after));
    RETURN_IF_ERROR(require_rank(caller, before));
    RETURN_IF_ERROR(require_rank(caller, after));
    if (before.is_root && !(after.is_system_admin && after.enabled)) { return refuse_root(before); }
    ++after.version;
    RETURN_IF_ERROR(tx.users().save(after));
    // Tokens do not come back to life when the user does.
    if (!after.enabled) { RETURN_IF_ERROR(tx.tokens().remove_of(after.id)); }
    RETURN_IF_ERROR(record(tx, m, caller, "user.edit", subject_of(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return after;
}

Result<model::User> edit_account(Management& m, const Caller& caller, const AccountEdit& edit,
                                 ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteAccount));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::User before, load_user(tx, caller.user().id.str(), expected));
    model::User after = before;
    after.display_name = edit.display_name.value_or(before.display_name);
    after.email = edit.email.value_or(before.email);
    after.mail_notifications = edit.mail_notifications.value_or(before.mail_notifications);
    RETURN_IF_ERROR(check_profile(after));
    ++after.version;
    RETURN_IF_ERROR(tx.users().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, "user.edit_account", subject_of(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return after;
}

Status delete_user(Management& m, const Caller& caller, const std::string& user,
                   ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::User found, load_user(tx, user, expected));
    RETURN_IF_ERROR(require_rank(caller, found));
    if (found.is_root) { return refuse_root(found); }
    RETURN_IF_ERROR(end_subscriptions(m, tx, caller, {.user_id = found.id}));
    RETURN_IF_ERROR(tx.users().remove(found.id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "user.delete", subject_of(found), {model::to_json(found)}));
    RETURN_IF_ERROR(tx.commit());
    // The subscription credentials went, too.
    m.publisher.refresh(model::change_of({.user_id = found.id}));
    return {};
}

}  // namespace lintel::management
