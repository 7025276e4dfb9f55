// Reading the record of changes, and the settings in force.
#pragma once

#include <optional>
#include <string>

#include "management/management.h"
#include "model/account.h"

namespace lintel::management {

struct AuditFilter {
    std::optional<std::string> actor = {};
    std::optional<std::string> action = {};
    std::optional<std::string> object_type = {};
    std::optional<std::string> object_id = {};
    std::optional<TimeMs> since = {};  ///< inclusive
    std::optional<TimeMs> until = {};  ///< exclusive
};

/// Newest first.
Result<Page<model::AuditEvent>> list_audit_events(Management& m, const Caller& caller,
                                                  const AuditFilter& filter,
                                                  const PageRequest& page);

}  // namespace lintel::management
