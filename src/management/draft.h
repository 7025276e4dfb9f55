// Writing a draft: the one place where ids are given, groups are made, and every rule is checked.
// Private to management.
#pragma once

#include <string>

#include "management/management.h"
#include "model/service.h"
#include "store/store.h"

namespace lintel::management {

/// The draft that may be edited; StateConflict tells how to get one.
Result<model::Draft> load_draft(store::Transaction& tx, const model::Service& service);

/// Gives ids to APIs and API groups that have none, taking those of the same API (method and path)
/// or group (name) in `before`, and adds API groups that APIs name.
void complete(model::ServiceDefinition& definition, const model::ServiceDefinition& before);

/// Checks the definition against every rule; FieldInvalid lists all faults. `pointer_prefix`:
/// faults below it lose it, so that they point into the part the caller sent ("/apis/3" when one
/// API was sent).
Status check_definition(Management& m, store::Transaction& tx, const model::GatewayId& gateway,
                        const model::ServiceDefinition& definition,
                        std::string_view pointer_prefix = "");

/// Makes the service mirror the definition: name (unique), description, protocol, group (made when
/// new).
Status mirror(Management& m, store::Transaction& tx, model::Service& service,
              const model::ServiceDefinition& definition);

/// Checks and writes the draft and its service, with a new version.
Status write_draft(Management& m, store::Transaction& tx, const Caller& caller,
                   model::Service& service, model::Draft& draft,
                   std::string_view pointer_prefix = "");

/// The definition without its APIs and components; for audit events and merge patches.
data::Json basics_to_json(const model::ServiceDefinition& definition);

}  // namespace lintel::management
