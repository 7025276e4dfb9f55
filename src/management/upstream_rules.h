// The steps that the use cases of upstreams share. Private to management.
#pragma once

#include <string>

#include "management/steps.h"
#include "management/upstreams.h"

namespace lintel::management {

Subject subject_of(const model::Upstream& upstream);
/// By id or name, at the version expected; NotFound.
Result<model::Upstream> load_upstream(store::Transaction& tx, const Caller& caller,
                                      const std::string& id_or_name, ExpectedVersion expected);
/// Every rule, those of the data plane too; FieldInvalid lists all faults.
Status check_upstream(Management& m, const model::Upstream& upstream);

/// Adds a fault for each upstream the definition names and the gateway does not have.
Status check_references(Management& m, store::Transaction& tx, const model::GatewayId& gateway,
                        const model::ServiceDefinition& definition, std::vector<Fault>& faults);
/// StateConflict naming the services whose draft or deployed release uses it.
Status require_unused(Management& m, store::Transaction& tx, const model::Upstream& upstream);

}  // namespace lintel::management
