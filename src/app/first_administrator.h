// The first administrator of an empty store: made from the environment, or by a one-time code
// printed at start.
#pragma once

#include <string>

#include "base/secret.h"
#include "management/management.h"

namespace lintel::app {

struct FirstAdministrator {
    std::string created;  ///< name of the administrator the environment asked for; empty: none
    Secret setup_code;    ///< for POST /api/v1/setup; empty: somebody can log in already
};

/// LINTEL_ADMIN_USER with LINTEL_ADMIN_PASSWORD or LINTEL_ADMIN_PASSWORD_FILE count on an empty
/// store only.
Result<FirstAdministrator> prepare_first_administrator(management::Management& management);

}  // namespace lintel::app
