// Where a service can be called: one address for each environment it runs in.
#pragma once

#include <string>
#include <vector>

#include "management/management.h"
#include "model/service.h"

namespace lintel::store {
class Transaction;
}

namespace lintel::management {

struct CallAddress {
    std::string environment = {};  ///< its code
    std::string name = {};         ///< of the environment, for people
    std::string url = {};          ///< "http://localhost:8080/release/pets"
};

data::Json to_json(const std::vector<CallAddress>& addresses);
/// In the order of the environments.
Result<std::vector<CallAddress>> call_addresses(const Management& m, store::Transaction& tx,
                                                const model::Service& service);

}  // namespace lintel::management
