// Domains as they are loaded and shown. Private to management.
#pragma once

#include <string>

#include "management/domains.h"
#include "store/store.h"

namespace lintel::management {

/// By id or name, at the version expected; NotFound.
Result<model::Domain> load_domain(store::Transaction& tx, const Caller& caller,
                                  const std::string& id_or_name, ExpectedVersion expected);
/// Without the mappings to services the caller does not see.
Result<DomainView> view_domain(store::Transaction& tx, const Caller& caller,
                               const model::Domain& domain);

}  // namespace lintel::management
