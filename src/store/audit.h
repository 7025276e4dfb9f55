// Audit events in the store. They are added and read, never changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/account.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

struct AuditQuery {
    std::optional<std::string> actor = {};
    std::optional<std::string> action = {};
    std::optional<std::string> object_type = {};
    std::optional<std::string> object_id = {};
    std::optional<std::vector<model::ProjectId>> projects = {};  ///< absent: of all, and of none
    std::optional<std::string> result = {};
    std::optional<TimeMs> since = {};
    std::optional<TimeMs> until = {};
    std::string text = {};  ///< part of who, what, about what or from where, in any case
};

class Audit {
public:
    explicit Audit(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::AuditEvent& event);
    /// Newest first.
    Result<std::vector<model::AuditEvent>> list(const AuditQuery& query, const IdPage& page);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
