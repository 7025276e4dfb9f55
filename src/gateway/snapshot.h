// Everything the data plane needs to answer, as one immutable unit with a number: a request never
// mixes two revisions.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/credential.h"
#include "gateway/domain.h"
#include "gateway/route_table.h"
#include "gateway/upstream/upstream.h"

namespace lintel::gateway {

/// Built by the compiler, installed by Gateway::install, read by all workers. The Gateway owns it
/// and frees it on a management thread when no worker holds it any more: never on a worker, where
/// taking apart 100,000 routes would stop traffic.
class Snapshot {
public:
    /// `revision` is above 0: 0 is the empty one that workers begin with.
    Snapshot(std::int64_t revision, RouteTable routes,
             std::shared_ptr<const CredentialTable> credentials,
             std::shared_ptr<const DomainTable> domains = std::make_shared<const DomainTable>(),
             std::shared_ptr<const UpstreamTable> upstreams = std::make_shared<UpstreamTable>());
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

    std::int64_t revision() const { return revision_; }
    /// Nothing was installed yet: a worker cannot know what is there.
    bool is_initial() const { return revision_ == 0; }
    const RouteTable& routes() const { return routes_; }
    const CredentialTable& credentials() const { return *credentials_; }
    const DomainTable& domains() const { return *domains_; }
    const UpstreamTable& upstreams() const { return *upstreams_; }
    std::shared_ptr<const UpstreamTable> shared_upstreams() const { return upstreams_; }

    /// Workers that hold it, or will as soon as they read their mail. Thread-safe.
    void add_holder() const { holders_.fetch_add(1, std::memory_order_relaxed); }
    void drop_holder() const { holders_.fetch_sub(1, std::memory_order_release); }
    int holders() const { return holders_.load(std::memory_order_acquire); }

private:
    std::int64_t revision_;
    RouteTable routes_;
    std::shared_ptr<const CredentialTable> credentials_;
    std::shared_ptr<const DomainTable> domains_;
    std::shared_ptr<const UpstreamTable> upstreams_;
    mutable std::atomic<int> holders_{0};
};

}  // namespace lintel::gateway
