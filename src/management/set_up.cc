// The first administrator, and further ones.
#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "management/accounts.h"
#include "management/steps.h"
#include "management/token_issue.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxUserName = 64;
constexpr std::size_t kMinPassword = 10;
constexpr std::size_t kMaxPassword = 256;

bool is_user_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxUserName && std::ranges::all_of(name, [](char c) {
        return is_lower(c) || is_digit(c) || std::string_view("._@-").contains(c);
    });
}

model::User make_user(Management& m, std::string name, const Secret& password) {
    return {.id = model::UserId(make_id("usr")),
            .name = std::move(name),
            .role = model::Role::Administrator,
            .enabled = true,
            .password_hash = m.guard.passwords().hash(password),
            .created_at = m.clock.now_ms()};
}

}  // namespace

Result<std::string> check_account(const std::string& name, const Secret& password) {
    std::vector<Fault> faults;
    std::string lower = to_lower(name);
    if (!is_user_name(lower)) {
        faults.push_back(
            {"/name", "user.name", "must be 1 to 64 letters, digits, '.', '_', '@' or '-'"});
    }
    const std::size_t length = model::character_count(password.reveal());
    if (length < kMinPassword || password.reveal().size() > kMaxPassword) {
        faults.push_back({"/password", "user.password",
                          "must have at least 10 characters and at most 256 bytes"});
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return lower;
}

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
    ASSIGN_OR_RETURN(std::string account, check_account(name, password));
    const model::User user = make_user(m, std::move(account), password);

    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const bool any, tx.users().any());
    if (any) { return fail(Code::SetupDone, "The first administrator exists already."); }
    RETURN_IF_ERROR(tx.users().add(user));
    ASSIGN_OR_RETURN(IssuedToken session, open_session(m, tx, user));
    RETURN_IF_ERROR(record(tx, m, Caller(user, session.token, client), "user.set_up",
                           subject_of(user), nullptr, model::to_json(user)));
    RETURN_IF_ERROR(tx.commit());
    m.guard.use_up_setup_code();
    return session;
}

Result<model::User> create_administrator(Management& m, const Caller& caller,
                                         const std::string& name, const Secret& password) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUser));
    ASSIGN_OR_RETURN(std::string account, check_account(name, password));
    model::User user = make_user(m, std::move(account), password);
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const std::optional<model::User> taken, tx.users().find_by_name(user.name));
    if (taken) {
        return fail({.code = Code::NameTaken,
                     .message = "There is already a user '" + user.name + "'.",
                     .faults = {{"/name", "name.taken", "is the name of another user"}}});
    }
    RETURN_IF_ERROR(tx.users().add(user));
    RETURN_IF_ERROR(
        record(tx, m, caller, "user.create", subject_of(user), nullptr, model::to_json(user)));
    RETURN_IF_ERROR(tx.commit());
    return user;
}

Result<std::vector<model::User>> list_users(Management& m, const Caller& caller) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return tx.users().list();
}

}  // namespace lintel::management
