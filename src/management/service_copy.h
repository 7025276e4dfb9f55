// Loading the copy of a service that a reader means. Private to management.
#pragma once

#include "management/apis.h"
#include "store/store.h"

namespace lintel::management {

struct LoadedCopy {
    model::Service service;
    std::int64_t release = 0;  ///< 0: the draft
    model::ServiceDefinition definition;
};
Result<LoadedCopy> load_copy(store::Transaction& tx, const Caller& caller, const ServiceCopy& copy);

}  // namespace lintel::management
