#include "management/user_rules.h"

namespace lintel::management {

namespace {

/// What a password opened until now needs the new one: sessions end, all but the caller's own.
Status put_password(Management& m, const Caller& caller, const model::User& user,
                    const std::string& hash, std::string_view action) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(tx.users().save_password_hash(user.id, hash));
    RETURN_IF_ERROR(tx.tokens().remove_sessions_of(user.id, caller.token().id));
    RETURN_IF_ERROR(record(tx, m, caller, action, subject_of(user)));
    return tx.commit();
}

Result<model::User> read_user(Management& m, const std::string& user) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_user(tx, user, {});
}

}  // namespace

Status set_password(Management& m, const Caller& caller, const std::string& user,
                    const Secret& password) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    RETURN_IF_ERROR(check_password(password));
    ASSIGN_OR_RETURN(const model::User found, read_user(m, user));
    RETURN_IF_ERROR(require_rank(caller, found));
    const bool is_at_command_line = caller.user().id.empty();
    if (found.is_root && !is_at_command_line && caller.user().id != found.id) {
        return fail(Code::PermissionDenied, "The password of root is changed by root only.");
    }
    return put_password(m, caller, found, m.guard.passwords().hash(password), "user.set_password");
}

Status change_password(Management& m, const Caller& caller, const Secret& current,
                       const Secret& password) {
    RETURN_IF_ERROR(caller.require(Permission::WriteAccount));
    RETURN_IF_ERROR(check_password(password));
    // Whoever found a token must not find the password by trying.
    RETURN_IF_ERROR(m.guard.admit(caller.name(), m.clock.now_ms()));
    if (!m.guard.passwords().verify(caller.user().password_hash, current)) {
        return invalid_field("/current_password", "password.wrong", "is not your password");
    }
    m.guard.succeeded(caller.name());
    return put_password(m, caller, caller.user(), m.guard.passwords().hash(password),
                        "user.change_password");
}

}  // namespace lintel::management
