// From host and path to a service in an environment, and on to its API. Part of the snapshot.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/path_index.h"
#include "gateway/route.h"

namespace lintel::gateway {

/// A service that answers at a host or below a prefix, with the path as its APIs see it.
struct ServiceAddress {
    const CompiledService* service = nullptr;  ///< null: nobody answers there
    const PathIndex* index = nullptr;
    std::string_view api_path;
};

/// Every running service by its call addresses: "/{environment}/{service code}" on any host and
/// "{service code}-{environment}.{base domain}". Immutable; with() and without() give a changed
/// copy that shares all other services, so that a publish costs the same at 10 and at 100,000
/// routes.
class RouteTable {
public:
    /// Hosts below `base_domain` name a service; empty = none do.
    explicit RouteTable(std::string base_domain = "localhost");

    /// A copy where `service` answers, instead of an earlier release in the same environment.
    RouteTable with(std::shared_ptr<const CompiledService> service) const;
    RouteTable without(std::string_view environment, std::string_view code) const;
    /// All of them at once: what a start does.
    static RouteTable of(std::vector<std::shared_ptr<const CompiledService>> services,
                         std::string base_domain = "localhost");

    /// `host` and `path` are canonical.
    ServiceAddress resolve(std::string_view host, std::string_view path) const;
    /// What answers for the service in the environment, whatever the path; api_path stays empty.
    ServiceAddress at(std::string_view environment, std::string_view code) const;
    const CompiledService* find(std::string_view environment, std::string_view code) const;
    std::vector<std::shared_ptr<const CompiledService>> services() const;
    std::size_t route_count() const;
    const std::string& base_domain() const { return base_domain_; }

private:
    struct Entry;
    struct Slot;
    using Shard = std::shared_ptr<const Slot[]>;
    /// Copying a table copies this many pointers; a change copies one shard.
    static constexpr std::size_t kShards = 256;

    static Shard shard(std::span<const Slot> slots);

    const Entry* entry(std::string_view key) const;
    const Entry* entry(std::string_view environment, std::string_view code) const;
    const Entry* entry_of_host(std::string_view host) const;
    RouteTable changed(std::string_view key, std::shared_ptr<const Entry> entry) const;

    std::string base_domain_;
    std::array<Shard, kShards> shards_;
};

}  // namespace lintel::gateway
