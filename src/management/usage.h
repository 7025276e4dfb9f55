// What callers used, as it is told now and then by the data planes of all processes on a store:
// for people who ask whether a credential or a service is still needed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "model/credential.h"

namespace lintel::store {
class Store;
class Transaction;
}  // namespace lintel::store

namespace lintel::management {

/// What has happened since it was written down last. Sorted, so that processes that write at the
/// same time lock rows in one order.
struct Usage {
    using Pair = std::pair<model::CredentialId, model::KeyPairType>;
    /// As call addresses have them: "release" or "release.shop", and the code of the service.
    using ServiceAddress = std::pair<std::string, std::string>;

    std::map<Pair, TimeMs> last_used;
    std::map<ServiceAddress, std::int64_t> calls;

    bool empty() const { return last_used.empty() && calls.empty(); }
};

/// In one transaction; calls count for the minute of `clock`. Drops counts that are too old to
/// matter.
Status record_usage(store::Store& store, const Clock& clock, const Usage& usage);

/// How often the service was called within the last hour, as far as it was written down.
Result<std::int64_t> calls_last_hour(store::Transaction& tx, const Clock& clock,
                                     const model::ServiceId& service);

}  // namespace lintel::management
