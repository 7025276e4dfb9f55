#include "gateway/snapshot.h"

#include <utility>

#include "base/assert.h"

namespace lintel::gateway {

Snapshot::Snapshot(std::int64_t revision, RouteTable routes,
                   std::shared_ptr<const CredentialTable> credentials,
                   std::shared_ptr<const DomainTable> domains,
                   std::shared_ptr<const UpstreamTable> upstreams)
    : revision_(revision),
      routes_(std::move(routes)),
      credentials_(std::move(credentials)),
      domains_(std::move(domains)),
      upstreams_(std::move(upstreams)) {
    LINTEL_ASSERT(credentials_ != nullptr && domains_ != nullptr && upstreams_ != nullptr,
                  "a snapshot has all of its tables, if empty ones");
}

Snapshot::~Snapshot() {
    LINTEL_ASSERT(holders() == 0, "a snapshot was freed while a worker used it");
}

}  // namespace lintel::gateway
