// The first administrator, and further ones.
#include "management/accounts.h"
#include "management/token_issue.h"
#include "management/user_rules.h"

namespace lintel::management {

namespace {

Result<model::User> make_administrator(Management& m, const std::string& name,
                                       const Secret& password) {
    return make_user(m, {.name = name, .password = password, .is_system_admin = true});
}

}  // namespace

Result<bool> needs_setup(Management& m) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const bool any, tx.users().any());
    return !any;
}

Result<IssuedToken> set_up(Management& m, std::string_view code, const std::string& name,
                           const Secret& password, const ClientInfo& client) {
    constexpr std::string_view kSetupAccount = "\nset-up";  // no user can have this name
    ASSIGN_OR_RETURN(const bool is_needed, needs_setup(m));
    if (!is_needed) {
        return fail(Code::SetupDone,
                    "The first administrator exists already; log in with that account.");
    }
    RETURN_IF_ERROR(m.guard.admit(kSetupAccount, m.clock.now_ms()));
    RETURN_IF_ERROR(m.guard.check_setup_code(code, m.clock.now_ms()));
    ASSIGN_OR_RETURN(model::User user, make_administrator(m, name, password));
    user.is_root = true;

    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const bool any, tx.users().any());
    if (any) { return fail(Code::SetupDone, "The first administrator exists already."); }
    RETURN_IF_ERROR(add_user(tx, user));
    ASSIGN_OR_RETURN(IssuedToken session, open_session(m, tx, user));
    RETURN_IF_ERROR(record(tx, m, Caller(user, session.token, {}, client), "user.set_up",
                           subject_of(user), {nullptr, model::to_json(user)}));
    RETURN_IF_ERROR(tx.commit());
    m.guard.use_up_setup_code();
    return session;
}

Result<model::User> create_administrator(Management& m, const Caller& caller,
                                         const std::string& name, const Secret& password) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(model::User user, make_administrator(m, name, password));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const bool any, tx.users().any());
    user.is_root = !any;
    RETURN_IF_ERROR(add_user(tx, user));
    RETURN_IF_ERROR(
        record(tx, m, caller, "user.create", subject_of(user), {nullptr, model::to_json(user)}));
    RETURN_IF_ERROR(tx.commit());
    return user;
}

}  // namespace lintel::management
