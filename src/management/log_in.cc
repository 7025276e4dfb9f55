#include <algorithm>

#include "base/text.h"
#include "management/accounts.h"
#include "management/audit.h"
#include "management/token_issue.h"
#include "management/user_rules.h"

namespace lintel::management {

namespace {

Result<std::optional<model::User>> find_user(Management& m, const std::string& name) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return tx.users().find_by_name(name);
}

/// Everybody reads in the default project, whether or not something more was said.
Result<std::vector<model::Membership>> memberships_of(store::Transaction& tx,
                                                      const model::User& user) {
    ASSIGN_OR_RETURN(const model::Project standard, default_project(tx));
    ASSIGN_OR_RETURN(std::vector<model::Membership> memberships, tx.members().of_user(user.id));
    if (std::ranges::find(memberships, standard.id, &model::Membership::project_id) ==
        memberships.end()) {
        memberships.push_back({.project_id = standard.id, .user_id = user.id});
    }
    return memberships;
}

/// Hashing happens outside of any transaction: it takes a tenth of a second.
bool proves(Management& m, const std::optional<model::User>& user, const Secret& password) {
    if (!user) { return m.guard.passwords().verify_nobody(password); }
    const bool right = m.guard.passwords().verify(user->password_hash, password);
    return right && user->enabled;
}

}  // namespace

Result<IssuedToken> log_in(Management& m, const std::string& name, const Secret& password,
                           const ClientInfo& client) {
    const std::string account = to_lower(name);
    RETURN_IF_ERROR(m.guard.admit(account, m.clock.now_ms()));
    ASSIGN_OR_RETURN(const std::optional<model::User> user, find_user(m, account));
    if (!proves(m, user, password)) {
        record_failed_log_in(m, account, client);
        return fail(Code::LoginFailed, "Name or password is wrong.");
    }
    m.guard.succeeded(account);
    const std::string new_hash = m.guard.passwords().needs_rehash(user->password_hash)
                                     ? m.guard.passwords().hash(password)
                                     : std::string();

    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    if (!new_hash.empty()) { RETURN_IF_ERROR(tx.users().save_password_hash(user->id, new_hash)); }
    RETURN_IF_ERROR(tx.tokens().remove_expired(m.clock.now_ms()));
    ASSIGN_OR_RETURN(IssuedToken session, open_session(m, tx, *user));
    RETURN_IF_ERROR(
        record(tx, m, Caller(*user, session.token, {}, client), "user.log_in", subject_of(*user)));
    RETURN_IF_ERROR(tx.commit());
    return session;
}

Status log_out(Management& m, const Caller& caller) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(tx.tokens().remove(caller.token().id));
    RETURN_IF_ERROR(record(tx, m, caller, "user.log_out", subject_of(caller.user())));
    return tx.commit();
}

Result<Caller> identity_of(store::Transaction& tx, model::User user, model::ApiToken token,
                           const ClientInfo& client) {
    ASSIGN_OR_RETURN(std::vector<model::Membership> memberships, memberships_of(tx, user));
    ASSIGN_OR_RETURN(const std::vector<model::AccessPolicy> policies,
                     tx.access_policies().of_user(user.id));
    return Caller(std::move(user), std::move(token), std::move(memberships), client,
                  AccessRights(policies));
}

Result<Caller> authenticate(Management& m, std::string_view token, const ClientInfo& client) {
    constexpr std::size_t kMaxTokenLength = 200;
    const auto refuse = [](std::string reason) {
        return fail(Code::Unauthenticated, std::move(reason));
    };
    if (!token.starts_with("lt_") || token.size() > kMaxTokenLength) {
        return refuse("The token is malformed; send one that Lintel issued ('lt_...').");
    }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(std::optional<model::ApiToken> found,
                     tx.tokens().find_by_sha256(token_sha256(token)));
    if (!found) { return refuse("The token is unknown or was revoked; log in again."); }
    if (found->expires_at <= m.clock.now_ms()) {
        return refuse("The token has expired; log in again, or create a new one.");
    }
    ASSIGN_OR_RETURN(std::optional<model::User> user, tx.users().find(found->user_id));
    if (!user || !user->enabled) { return refuse("The user of the token cannot log in."); }
    ASSIGN_OR_RETURN(Caller caller, identity_of(tx, *std::move(user), *std::move(found), client));
    ASSIGN_OR_RETURN(model::Gateway gateway, load_gateway(tx, caller, client.gateway));
    caller.enter(std::move(gateway));
    return caller;
}

}  // namespace lintel::management
