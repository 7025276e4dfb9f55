// Users and tokens in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/account.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

class Users {
public:
    Users(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    Status add(const model::User& user);
    /// Writes display name, e-mail, is_system_admin, enabled, mail_notifications and version.
    Status save(const model::User& user);
    Status save_password_hash(const model::UserId& id, const std::string& hash);
    Result<std::optional<model::User>> find_by_name(const std::string& name);
    Result<std::optional<model::User>> find(const model::UserId& id);
    /// By id or name.
    Result<std::optional<model::User>> find_any(const std::string& id_or_name);
    Result<bool> any();
    /// With everything that hangs on it.
    Status remove(const model::UserId& id);
    /// By name, after `page.after`; `text`: part of name, display name or e-mail, in any case.
    Result<std::vector<model::User>> list(const std::string& text, const IdPage& page);
    /// Those who take mails and might administer the project: as a system administrator, by role,
    /// or by something attached to them.
    Result<std::vector<model::User>> mailed_about(const model::ProjectId& project, int limit);

private:
    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

class Tokens {
public:
    explicit Tokens(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::ApiToken& token);
    Result<std::optional<model::ApiToken>> find_by_sha256(const std::string& sha256);
    Result<std::optional<model::ApiToken>> find(const model::ApiTokenId& id);
    Status remove(const model::ApiTokenId& id);
    Status remove_expired(TimeMs now);
    Status remove_of(const model::UserId& user);
    /// All sessions of the user but one.
    Status remove_sessions_of(const model::UserId& user, const model::ApiTokenId& except);
    /// Newest first.
    Result<std::vector<model::ApiToken>> list(const model::UserId& user, TimeMs now,
                                              const IdPage& page);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
