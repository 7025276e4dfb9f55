// Grants: what credentials may call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/credential.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

/// A direct grant with the names of what it is about.
struct GrantRow {
    model::Grant grant;
    std::string credential_name;
    std::string owner;  ///< name of the user
    std::string service_code;
    std::string service_name;
};

/// Which direct grants; what is empty excludes nothing.
struct GrantQuery {
    model::GrantId id = {};
    model::ServiceId service_id = {};
    model::CredentialId credential_id = {};
    model::EnvironmentId environment_id = {};  ///< those that name it
};

class Grants {
public:
    Grants(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    /// REQUIRES: its credential is there.
    Status add(const model::Grant& grant);
    /// Writes environments, expiry and version.
    Status save(const model::Grant& grant);
    Status remove(const model::GrantId& id);
    /// Gives those that the credentials of an owner have, or all there are.
    Status each(const std::optional<model::CredentialOwner>& owner,
                const std::function<void(model::Grant)>& visit);
    /// Those that were given directly, newest first.
    Result<std::vector<GrantRow>> direct(const GrantQuery& query, const IdPage& page);

private:
    Status note_change(const model::CredentialId& credential);

    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
