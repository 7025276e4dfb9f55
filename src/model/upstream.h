// Upstreams: the servers behind http backends. Live objects: a change takes effect at once, without
// a publish.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

struct UpstreamServer {
    std::string address = {};  ///< "host:port"; what it is called by
    std::int64_t weight = 1;   ///< 0 = drained: gets no new calls
    bool backup = false;       ///< called only when no other can be
    bool enabled = true;

    bool operator==(const UpstreamServer&) const = default;
};

struct Upstream {
    static constexpr std::size_t kMaxServers = 100;
    static constexpr std::int64_t kMaxWeight = 10'000;

    UpstreamId id = {};  ///< "ups_..."
    GatewayId gateway_id = {};
    std::string gateway = {};  ///< code of its gateway; empty: the default one
    std::string name = {};     ///< what backends call it by; fixed
    std::string description = {};
    std::vector<UpstreamServer> servers = {};
    /// How servers are chosen, checked and called: algorithm, health, breaker and the like. Their
    /// types are checked by the contract of the management API, their meaning by the data plane.
    data::Json settings = data::Json::object();
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;
    std::string updated_by = {};

    const UpstreamServer* find(std::string_view address) const;
    UpstreamServer* find(std::string_view address);
};

/// Faults of name, description and servers, with pointers into its JSON.
void check(const Upstream& upstream, std::vector<Fault>& faults);

data::Json to_json(const UpstreamServer& server);
/// The settings are members of the upstream itself.
data::Json to_json(const Upstream& upstream);
/// What the owner decides (name, description, servers, settings) without identity and history: what
/// is stored as a document.
data::Json definition_to_json(const Upstream& upstream);

/// Reads what the owner decides; members that say identity and history are passed over. Strict in
/// what it reads.
Result<Upstream> upstream_from_json(const data::Json& json);
Result<UpstreamServer> upstream_server_from_json(const data::Json& json);

}  // namespace lintel::model
