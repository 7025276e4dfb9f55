// Reading the record of changes, and adding to it what was refused.
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
    std::optional<std::string> project = {};  ///< id, or name in the default gateway; absent: all
    std::optional<std::string> result = {};   ///< "succeeded", "refused"
    std::optional<TimeMs> since = {};         ///< inclusive
    std::optional<TimeMs> until = {};         ///< exclusive
    std::string text = {};  ///< part of who, what, about what or from where, in any case
};

/// Newest first. What lies in no project is for those who may read the audit of all.
Result<Page<model::AuditEvent>> list_audit_events(Management& m, const Caller& caller,
                                                  const AuditFilter& filter,
                                                  const PageRequest& page);

/// What the newest events that pass the filter say, as comma-separated values (RFC 4180); no cell
/// is a formula to a spreadsheet.
inline constexpr int kMaxExportedEvents = 5000;
Result<std::string> export_audit_events(Management& m, const Caller& caller,
                                        const AuditFilter& filter);

/// Somebody was refused for want of a permission, or could not log in. Of floods only the
/// beginning is kept.
void record_refusal(Management& m, const Caller& caller, std::string_view operation,
                    const Error& error);
void record_failed_log_in(Management& m, const std::string& name, const ClientInfo& client);

}  // namespace lintel::management
