// Gateways: resource spaces that know nothing of each other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/place.h"

namespace lintel::management {

/// Those the caller belongs to a project of, and the default one; oldest first.
Result<std::vector<model::Gateway>> list_gateways(Management& m, const Caller& caller);
/// By code. NotFound, as if there were none, for who belongs to no project of it.
Result<model::Gateway> show_gateway(Management& m, const Caller& caller, const std::string& code);
/// With a default project and the usual environments.
Result<Written<model::Gateway>> create_gateway(Management& m, const Caller& caller,
                                               const std::string& code, const std::string& name);
Result<model::Gateway> rename_gateway(Management& m, const Caller& caller, const std::string& code,
                                      const std::string& name, ExpectedVersion expected);
/// Only an empty one, with its environments; never the default one.
Result<Written<model::Gateway>> delete_gateway(Management& m, const Caller& caller,
                                               const std::string& code, ExpectedVersion expected);

}  // namespace lintel::management
