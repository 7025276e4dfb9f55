// Gateways, projects, environments and service groups in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/place.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

class Gateways {
public:
    explicit Gateways(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Gateway& gateway);
    /// Writes name and version.
    Status save(const model::Gateway& gateway);
    Result<std::optional<model::Gateway>> find_by_code(const std::string& code);
    /// Oldest first.
    Result<std::vector<model::Gateway>> list();
    /// With its environments and its default project; everything else must be gone.
    Status remove(const model::GatewayId& id);

private:
    sql::Transaction& tx_;
};

class Projects {
public:
    explicit Projects(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Project& project);
    /// The default project of a gateway; every gateway has one.
    Result<model::Project> default_of(const model::GatewayId& gateway);
    /// Writes name, description and version.
    Status save(const model::Project& project);
    /// By id or name.
    Result<std::optional<model::Project>> find(const model::GatewayId& gateway,
                                               const std::string& id_or_name);
    /// With its groups and members; its services must be gone.
    Status remove(const model::ProjectId& id);
    /// In any gateway.
    Result<std::optional<model::Project>> find(const model::ProjectId& id);
    /// Oldest first. `gateway`: of this one; absent: of all. `ids`: of these; absent: all.
    Result<std::vector<model::Project>> list(
        const std::optional<model::GatewayId>& gateway,
        const std::optional<std::vector<model::ProjectId>>& ids, const IdPage& page);

private:
    sql::Transaction& tx_;
};

class Environments {
public:
    Environments(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    Status add(const model::Environment& environment);
    /// Writes name, status and version, none of which callers notice.
    Status save(const model::Environment& environment);
    Result<std::optional<model::Environment>> find_by_code(const model::GatewayId& gateway,
                                                           const std::string& code);
    Status remove(const model::EnvironmentId& id);
    /// Oldest first.
    Result<std::vector<model::Environment>> list(const model::GatewayId& gateway);
    /// The same of all gateways.
    Result<std::vector<model::Environment>> all();

private:
    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

class Groups {
public:
    explicit Groups(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Group& group);
    /// By id or name.
    Result<std::optional<model::Group>> find(const model::ProjectId& project,
                                             const std::string& id_or_name);
    Status remove(const model::GroupId& id);
    /// By name.
    Result<std::vector<model::Group>> list(const model::ProjectId& project);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
