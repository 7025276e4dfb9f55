// Access policies, and whom they are attached to, in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/access_policy.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

class AccessPolicies {
public:
    explicit AccessPolicies(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::AccessPolicy& policy);
    /// Writes name, description, statements, version and updated_at.
    Status save(const model::AccessPolicy& policy);
    Status remove(const model::AccessPolicyId& id);
    /// By id or name.
    Result<std::optional<model::AccessPolicy>> find(const std::string& id_or_name);
    /// By name, after `page.after`.
    Result<std::vector<model::AccessPolicy>> list(const IdPage& page);
    /// Those attached to the user, by name.
    Result<std::vector<model::AccessPolicy>> of_user(const model::UserId& user);
    /// Replaces what is attached to the user.
    Status attach(const model::UserId& user, const std::vector<model::AccessPolicyId>& policies);
    /// Ids of those it is attached to, at most `limit`.
    Result<std::vector<model::UserId>> users_of(const model::AccessPolicyId& id, int limit);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
