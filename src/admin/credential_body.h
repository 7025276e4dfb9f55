// A new credential as a body describes it: alone, or within an application for a subscription.
#pragma once

#include <string>

#include "base/error.h"
#include "data/json.h"
#include "management/credentials.h"

namespace lintel::admin {

/// Everything but the service; `pointer` leads to the body. REQUIRES: it satisfies its schema.
Result<management::NewCredential> read_new_credential(const data::Json& body,
                                                      const std::string& pointer);

}  // namespace lintel::admin
