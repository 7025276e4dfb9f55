// Users and tokens in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/account.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

class Users {
public:
    explicit Users(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::User& user);
    Status save_password_hash(const model::UserId& id, const std::string& hash);
    Result<std::optional<model::User>> find_by_name(const std::string& name);
    Result<std::optional<model::User>> find(const model::UserId& id);
    Result<bool> any();
    /// By name.
    Result<std::vector<model::User>> list();

private:
    sql::Transaction& tx_;
};

class Tokens {
public:
    explicit Tokens(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::ApiToken& token);
    Result<std::optional<model::ApiToken>> find_by_sha256(const std::string& sha256);
    Result<std::optional<model::ApiToken>> find(const model::ApiTokenId& id);
    Status remove(const model::ApiTokenId& id);
    Status remove_expired(TimeMs now);
    /// Newest first.
    Result<std::vector<model::ApiToken>> list(const model::UserId& user, TimeMs now,
                                              const IdPage& page);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
