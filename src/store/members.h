// What users are in projects, in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/account.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

class Members {
public:
    explicit Members(sql::Transaction& tx) : tx_(tx) {}

    /// Adds, or replaces role and permission.
    Status put(const model::Membership& membership);
    Status remove(const model::ProjectId& project, const model::UserId& user);
    Result<std::optional<model::Membership>> find(const model::ProjectId& project,
                                                  const model::UserId& user);
    /// Of a project, by the name of the user, after `page.after`.
    Result<std::vector<model::Membership>> of_project(const model::ProjectId& project,
                                                      const IdPage& page);
    /// Names of its administrators, at most `limit`.
    Result<std::vector<std::string>> admins_of(const model::ProjectId& project, int limit);
    Result<std::vector<model::Membership>> of_user(const model::UserId& user);

private:
    Result<std::vector<model::Membership>> select(const Where& where, const std::string& tail);

    sql::Transaction& tx_;
};

}  // namespace lintel::store
