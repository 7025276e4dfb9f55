#include "model/upstream.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/host_port.h"
#include "model/fields.h"
#include "model/rules.h"

namespace lintel::model {

namespace {

constexpr std::size_t kMinName = 3;
constexpr std::size_t kLongestName = 64;
constexpr auto kSettings = std::to_array<std::string_view>(
    {"algorithm", "hash_header", "slow_start_ms", "connect_timeout_ms", "connections",
     "retry_budget", "health", "breaker", "tls", "http_version"});
constexpr auto kHistory = std::to_array<std::string_view>(
    {"id", "version", "created_at", "created_by", "updated_at", "updated_by"});

bool is_name(std::string_view name) {
    return name.size() >= kMinName && name.size() <= kLongestName && name.front() != '-' &&
           name.back() != '-' && std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

void check_server(const UpstreamServer& server, const std::string& pointer,
                  std::vector<Fault>& faults) {
    const auto parsed = parse_host_port(server.address);
    if (!parsed) {
        faults.push_back({pointer + "/address", "server.address",
                          parsed.error().in_port
                              ? std::string(parsed.error().detail)
                              : "the host " + std::string(parsed.error().detail)});
    } else if (parsed->port == 0) {
        faults.push_back(
            {pointer + "/address", "server.address", "needs a port, as in pets.internal:8080"});
    }
    if (server.weight < 0 || server.weight > Upstream::kMaxWeight) {
        faults.push_back({pointer + "/weight", "field.range", "must be from 0 to 10000"});
    }
}

UpstreamServer read_server(const data::Json& json, std::string pointer,
                           std::vector<Fault>& faults) {
    Fields fields(json, std::move(pointer), faults);
    UpstreamServer server{.address = fields.required_text("address"),
                          .weight = fields.integer("weight", 1),
                          .backup = fields.flag("backup", false),
                          .enabled = fields.flag("enabled", true)};
    fields.done();
    return server;
}

Error refused(std::vector<Fault> faults) {
    return {.code = Code::FieldInvalid,
            .message = faults.front().pointer + " " + faults.front().detail + ".",
            .faults = std::move(faults)};
}

}  // namespace

const UpstreamServer* Upstream::find(std::string_view address) const {
    const auto at = std::ranges::find(servers, address, &UpstreamServer::address);
    return at == servers.end() ? nullptr : &*at;
}

UpstreamServer* Upstream::find(std::string_view address) {
    return const_cast<UpstreamServer*>(std::as_const(*this).find(address));
}

void check(const Upstream& upstream, std::vector<Fault>& faults) {
    if (!is_name(upstream.name)) {
        faults.push_back(
            {"/name", "upstream.name", "must be 3 to 64 characters of a-z, 0-9 and inner '-'"});
    }
    if (character_count(upstream.description) > kMaxDescription) {
        faults.push_back({"/description", "field.length", "may have at most 200 characters"});
    }
    if (upstream.servers.size() > Upstream::kMaxServers) {
        faults.push_back({"/servers", "field.count", "may list at most 100 servers"});
    }
    std::set<std::string_view> addresses;
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
        const UpstreamServer& server = upstream.servers[i];
        const std::string pointer = data::child_pointer("/servers", i);
        check_server(server, pointer, faults);
        if (!addresses.insert(server.address).second) {
            faults.push_back({pointer + "/address", "server.taken",
                              "is listed twice; give one server more weight instead"});
        }
    }
}

data::Json to_json(const UpstreamServer& server) {
    return {{"address", server.address},
            {"weight", server.weight},
            {"backup", server.backup},
            {"enabled", server.enabled}};
}

data::Json definition_to_json(const Upstream& upstream) {
    data::Json servers = data::Json::array();
    for (const UpstreamServer& server : upstream.servers) {
        servers.push_back(to_json(server));
    }
    data::Json json{{"name", upstream.name},
                    {"description", upstream.description},
                    {"servers", std::move(servers)}};
    json.update(upstream.settings);
    return json;
}

data::Json to_json(const Upstream& upstream) {
    data::Json json{{"id", upstream.id.str()}};
    json.update(definition_to_json(upstream));
    json["version"] = upstream.version;
    json["created_at"] = to_rfc3339(upstream.created_at);
    json["created_by"] = upstream.created_by;
    json["updated_at"] = to_rfc3339(upstream.updated_at);
    json["updated_by"] = upstream.updated_by;
    return json;
}

Result<UpstreamServer> upstream_server_from_json(const data::Json& json) {
    std::vector<Fault> faults;
    UpstreamServer server = read_server(json, "", faults);
    if (!faults.empty()) { return fail(refused(std::move(faults))); }
    return server;
}

Result<Upstream> upstream_from_json(const data::Json& json) {
    std::vector<Fault> faults;
    Fields fields(json, "", faults);
    Upstream upstream{.name = fields.text("name"), .description = fields.text("description")};
    if (const data::Json* servers = fields.array("servers")) {
        for (std::size_t i = 0; i < servers->size(); ++i) {
            upstream.servers.push_back(
                read_server((*servers)[i], data::child_pointer("/servers", i), faults));
        }
    }
    for (const std::string_view name : kSettings) {
        data::Json value = fields.any(name);
        if (!value.is_null()) { upstream.settings[std::string(name)] = std::move(value); }
    }
    for (const std::string_view name : kHistory) {
        fields.any(name);
    }
    fields.done();
    if (!faults.empty()) { return fail(refused(std::move(faults))); }
    return upstream;
}

}  // namespace lintel::model
