// Deployments and the history of what was done with them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/service.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

class Deployments {
public:
    Deployments(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    /// Adds or replaces.
    Status put(const model::Deployment& deployment);
    Result<std::vector<model::Deployment>> of_service(const model::ServiceId& id);
    /// Of all services; for the start of the data plane.
    Result<std::vector<model::Deployment>> running();
    /// Codes of the services that run in an environment, at most `limit`.
    Result<std::vector<std::string>> services_running_in(const model::EnvironmentId& id, int limit);
    Status remove_from(const model::EnvironmentId& id);

private:
    Result<std::vector<model::Deployment>> select(std::string_view condition,
                                                  const std::vector<sql::Value>& values);

    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

class ReleaseRecords {
public:
    explicit ReleaseRecords(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::ReleaseRecord& record);
    /// Newest first.
    Result<std::vector<model::ReleaseRecord>> list(const model::ServiceId& id, const IdPage& page);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
