// Audit events as a table for spreadsheets. Private to management.
#pragma once

#include <string>
#include <vector>

#include "model/account.h"

namespace lintel::management {

/// RFC 4180, with a line of headings.
std::string to_csv(const std::vector<model::AuditEvent>& events);

}  // namespace lintel::management
