// Everything the data plane needs to answer, as one immutable unit with a number: a request never
// mixes two revisions.
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/credential.h"
#include "gateway/route_table.h"

namespace lintel::gateway {

/// Built by the compiler, installed by Gateway::install, read by all workers. Its last owner is the
/// Gateway, which frees it on a management thread: never on a worker, where taking apart 100,000
/// routes would stop traffic.
class Snapshot {
public:
    Snapshot(std::int64_t revision, RouteTable routes,
             std::shared_ptr<const CredentialTable> credentials);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

    std::int64_t revision() const { return revision_; }
    const RouteTable& routes() const { return routes_; }
    const CredentialTable& credentials() const { return *credentials_; }
    const std::shared_ptr<const CredentialTable>& shared_credentials() const {
        return credentials_;
    }

private:
    std::int64_t revision_;
    RouteTable routes_;
    std::shared_ptr<const CredentialTable> credentials_;
};

}  // namespace lintel::gateway
