#include "compiler/compile_upstreams.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/turn_clock.h"
#include "base/host_port.h"
#include "base/log.h"
#include "gateway/backend_tls.h"
#include "gateway/upstream/balancer.h"
#include "gateway/upstream/upstream_settings.h"
#include "model/place.h"

namespace lintel::compiler {

namespace {

using data::Json;
using http::Origin;

/// What all servers of an upstream have in common.
struct Common {
    const Json* tls = nullptr;  ///< null: plain http
    http::Version version = http::Version::Http11;
    const Json* active = nullptr;
    http::PoolLimits limits = {};
    std::string owner = {};  ///< of the connections
};

std::unexpected<Error> inside(std::string_view pointer, Error error) {
    for (Fault& fault : error.faults) {
        fault.pointer.insert(0, pointer);
    }
    return fail(std::move(error));
}

Result<Origin> origin_of(const HostPort& at, const Json* tls, http::Version version) {
    if (tls == nullptr) { return Origin(at.host, at.port, std::nullopt, version); }
    // Servers are shown no certificate of ours: "tls" of an upstream names none.
    static const gateway::Certificates no_certificates;
    auto read = gateway::backend_tls(*tls, at.host, no_certificates);
    if (!read) { return inside("/tls", std::move(read).error()); }
    return Origin(at.host, at.port, *std::move(read), version);
}

/// Where the checks of a server go: their own port, by the protocol they are said to speak.
Result<Origin> check_origin_of(const HostPort& at, const Common& common) {
    HostPort asked = at;
    if (const Json* port = data::find(*common.active, "port")) {
        asked.port = port->get<std::uint16_t>();
    }
    if (data::find_string(*common.active, "type") != "https") {
        return origin_of(asked, nullptr, common.version);
    }
    // Whether a server is well is one thing, who it is another: that is proved by each call.
    static const Json anyone{{"verify", false}};
    return origin_of(asked, common.tls != nullptr ? common.tls : &anyone, common.version);
}

Result<gateway::UpstreamServer> compile_server(const model::UpstreamServer& from,
                                               const Common& common) {
    const auto at = parse_host_port(from.address);
    if (!at) { return fail(Code::FieldInvalid, "the address " + std::string(at.error().detail)); }
    ASSIGN_OR_RETURN(const Origin origin, origin_of(*at, common.tls, common.version));
    gateway::UpstreamServer server{
        .address = from.address,
        .weight = static_cast<std::uint32_t>(from.weight),
        .backup = from.backup,
        .enabled = from.enabled,
        .origin = origin.with_own_pool(common.owner, common.limits),
        .check_origin = {},
        .state = nullptr,
        .hash = gateway::balancing_key(common.owner + " " + from.address)};
    if (common.active != nullptr) {
        ASSIGN_OR_RETURN(server.check_origin, check_origin_of(*at, common));
    }
    return server;
}

}  // namespace

Result<gateway::Upstream> compile_upstream(const model::Upstream& upstream) {
    gateway::Upstream compiled;
    compiled.id = upstream.id.str();
    compiled.name = model::qualified(upstream.name, upstream.gateway);
    RETURN_IF_ERROR(gateway::read_upstream_settings(upstream.settings, compiled));
    const Json* health = data::find(upstream.settings, "health");
    const Common common{.tls = data::find(upstream.settings, "tls"),
                        .version = compiled.version,
                        .active = health == nullptr ? nullptr : data::find(*health, "active"),
                        .limits = gateway::read_pool_limits(upstream.settings),
                        .owner = compiled.name};
    for (const model::UpstreamServer& server : upstream.servers) {
        ASSIGN_OR_RETURN(gateway::UpstreamServer to, compile_server(server, common));
        compiled.servers.push_back(std::move(to));
    }
    return compiled;
}

std::shared_ptr<const gateway::Upstream> bind_upstream(gateway::Upstream compiled,
                                                       const gateway::Upstream* before,
                                                       gateway::UpstreamRegistry& registry,
                                                       std::uint64_t now_ms) {
    compiled.edition = registry.next_edition();
    compiled.state = registry.state(compiled.id);
    for (gateway::UpstreamServer& server : compiled.servers) {
        server.state = registry.server(compiled.id, server.address);
        if (before == nullptr || !server.takes_calls()) { continue; }
        const auto old =
            std::ranges::find(before->servers, server.address, &gateway::UpstreamServer::address);
        const bool joins = old == before->servers.end() || !old->takes_calls();
        if (joins) { server.state->join(now_ms); }
    }
    return std::make_shared<const gateway::Upstream>(std::move(compiled));
}

std::shared_ptr<const gateway::UpstreamTable> UpstreamCompiler::compile(
    const std::vector<model::Upstream>& upstreams) {
    const std::uint64_t now_ms = async::monotonic_us() / 1000;
    std::vector<std::shared_ptr<const gateway::Upstream>> by_slot;
    std::map<std::string, std::uint32_t, std::less<>> names;
    std::map<std::string, std::int64_t> versions;
    for (const model::Upstream& upstream : upstreams) {
        const std::uint32_t slot = registry_.slot(upstream.id.str());
        if (by_slot.size() <= slot) { by_slot.resize(slot + 1); }
        by_slot[slot] = compile_one(upstream, slot, now_ms);
        names[model::qualified(upstream.name, upstream.gateway)] = slot;
        versions[upstream.id.str()] = upstream.version;
    }
    registry_.set_names(std::move(names));
    versions_ = std::move(versions);
    table_ = std::make_shared<const gateway::UpstreamTable>(std::move(by_slot));
    return table_;
}

std::shared_ptr<const gateway::Upstream> UpstreamCompiler::compile_one(
    const model::Upstream& upstream, std::uint32_t slot, std::uint64_t now_ms) {
    const auto before = versions_.find(upstream.id.str());
    if (before != versions_.end() && before->second == upstream.version) {
        return table_->by_slot()[slot];
    }
    auto compiled = compile_upstream(upstream);
    if (!compiled) {
        log::error("an upstream cannot be used: its APIs answer 503",
                   {{"upstream", upstream.name}, {"error", compiled.error().message}});
        return nullptr;
    }
    return bind_upstream(*std::move(compiled), table_->at(slot), registry_, now_ms);
}

}  // namespace lintel::compiler
