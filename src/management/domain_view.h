// Domains as they are loaded and shown. Private to management.
#pragma once

#include <string>

#include "management/domains.h"
#include "store/store.h"

namespace lintel::management {

/// By id or name, at the version expected; NotFound.
Result<model::Domain> load_domain(store::Transaction& tx, const std::string& id_or_name,
                                  ExpectedVersion expected);
Result<DomainView> view_domain(store::Transaction& tx, const model::Domain& domain);

}  // namespace lintel::management
