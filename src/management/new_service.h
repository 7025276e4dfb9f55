// Putting a new service with its draft into the store; shared by create and import. Private to
// management.
#pragma once

#include <optional>
#include <string>

#include "management/services.h"
#include "store/store.h"

namespace lintel::management {

/// Checks the right to, definition and code, and writes service and draft.
Result<model::Service> add_service(Management& m, store::Transaction& tx, const Caller& caller,
                                   const NewService& request);

/// FieldInvalid for a malformed code, NameTaken for one in use.
Status require_free_code(store::Transaction& tx, const model::GatewayId& gateway,
                         const std::string& code);

}  // namespace lintel::management
