#include "gateway/snapshot.h"

#include <utility>

#include "base/assert.h"

namespace lintel::gateway {

Snapshot::Snapshot(std::int64_t revision, RouteTable routes,
                   std::shared_ptr<const CredentialTable> credentials)
    : revision_(revision), routes_(std::move(routes)), credentials_(std::move(credentials)) {
    LINTEL_ASSERT(credentials_ != nullptr,
                  "a snapshot has a table of credentials, if an empty one");
}

Snapshot::~Snapshot() {
    LINTEL_ASSERT(holders() == 0, "a snapshot was freed while a worker used it");
}

}  // namespace lintel::gateway
