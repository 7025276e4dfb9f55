// A new credential as a body describes it: alone, or within an application for a subscription.
#pragma once

#include "base/error.h"
#include "data/json.h"
#include "management/credentials.h"

namespace lintel::admin {

/// Everything but the service. REQUIRES: the body satisfies its schema.
Result<management::NewCredential> read_new_credential(const data::Json& body);

}  // namespace lintel::admin
