// Passes the request on to an HTTP service: bodies stream in both directions, the answer comes back
// unchanged.
#include <fmt/core.h>

#include <memory>
#include <string>

#include "backends/http/calls.h"
#include "base/host_port.h"
#include "embedded/http_schema_json.h"
#include "gateway/backend_tls.h"
#include "gateway/plugin.h"
#include "gateway/upstream/upstream_registry.h"
#include "gateway/upstream/upstream_settings.h"

namespace lintel::backends {

gateway::BackendKind http();

namespace {

using data::Json;
namespace wire = lintel::http;

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::unexpected<Error> fault(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the backend's address is not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

struct Address {
    bool secure = false;
    HostPort at = {};
};

Result<Address> parse_url(std::string_view url) {
    Address address{.secure = url.starts_with("https://")};
    if (!address.secure && !url.starts_with("http://")) {
        return fault("/url", "url.scheme", "must begin with http:// or https://");
    }
    std::string_view rest = url.substr(url.find("//") + 2);
    if (rest.ends_with('/')) { rest.remove_suffix(1); }
    if (rest.find_first_of("/?#") != std::string_view::npos) {
        return fault("/url", "url.path", "must end with host and port; put the path into 'path'");
    }
    if (rest.find('@') != std::string_view::npos) {
        return fault("/url", "url.user", "must not hold a user or password");
    }
    auto at = parse_host_port(rest);
    if (!at) {
        return fault("/url", at.error().in_port ? "url.port" : "url.host",
                     std::string(at.error().detail));
    }
    address.at = *std::move(at);
    if (address.at.port == 0) { address.at.port = address.secure ? kHttpsPort : kHttpPort; }
    return address;
}

/// Puts the faults of a part behind its pointer.
std::unexpected<Error> inside(std::string_view pointer, Error error) {
    for (Fault& fault : error.faults) {
        fault.pointer.insert(0, pointer);
    }
    return fail(std::move(error));
}

Result<wire::Origin> origin_of(const Json& config, const gateway::Certificates& certificates) {
    ASSIGN_OR_RETURN(Address address, parse_url(data::find_string(config, "url")));
    const Json* asked = data::find(config, "tls");
    const wire::Version version = gateway::read_http_version(config);
    if (!address.secure) {
        if (asked != nullptr) {
            return fault("/tls", "tls.unused", "needs an address that begins with https://");
        }
        return wire::Origin(std::move(address.at.host), address.at.port, std::nullopt, version);
    }
    auto tls = gateway::backend_tls(asked == nullptr ? Json::object() : *asked, address.at.host,
                                    certificates);
    if (!tls) { return inside("/tls", std::move(tls).error()); }
    return wire::Origin(std::move(address.at.host), address.at.port, *std::move(tls), version);
}

Result<CallSettings> settings_of(const Json& config) {
    CallSettings settings;
    settings.host_header = data::find_string(config, "host_header");
    if (const Json* timeout = data::find(config, "timeout_ms")) {
        settings.timeout = std::chrono::milliseconds(timeout->get<std::int64_t>());
    }
    if (const Json* idle = data::find(config, "idle_timeout_ms")) {
        settings.stream_idle = std::chrono::milliseconds(idle->get<std::int64_t>());
    }
    if (const Json* websocket = data::find(config, "websocket")) {
        settings.websocket = websocket->get<bool>();
    }
    if (const Json* retries = data::find(config, "retries")) {
        settings.retry.times = retries->get<int>();
    }
    ASSIGN_OR_RETURN(settings.retry.statuses, gateway::read_statuses(config, "retry_on", {}));
    return settings;
}

Result<std::unique_ptr<const gateway::Backend>> build_for_upstream(
    CallSettings settings, const Json& config, const gateway::BuildContext& context) {
    for (const char* member : {"url", "tls", "http_version", "breaker"}) {
        if (data::find(config, member) == nullptr) { continue; }
        return fault(std::string("/") + member, "upstream.has_it",
                     "cannot be given beside 'upstream': the upstream says it");
    }
    const std::string_view name = data::find_string(config, "upstream");
    const auto slot = context.upstreams.find(name, context.gateway);
    if (!slot) {
        return fault("/upstream", "upstream.unknown",
                     fmt::format("'{}' is no upstream; there are: {}", name,
                                 context.upstreams.names(context.gateway)));
    }
    return calls_upstream(std::move(settings), *slot);
}

Result<std::unique_ptr<const gateway::Backend>> build(const Json& config,
                                                      const gateway::BuildContext& context) {
    ASSIGN_OR_RETURN(CallSettings settings, settings_of(config));
    if (data::find(config, "upstream") != nullptr) {
        return build_for_upstream(std::move(settings), config, context);
    }
    if (data::find(config, "url") == nullptr) {
        return fault("/url", "field.required", "is required, or 'upstream'");
    }
    ASSIGN_OR_RETURN(wire::Origin origin, origin_of(config, context.certificates));
    if (settings.websocket && origin.version == wire::Version::Http2) {
        return fault("/websocket", "websocket.version",
                     "WebSocket goes over HTTP/1.1: leave http_version out");
    }
    OwnOrigin to{.origin = context.upstreams.origin(std::move(origin)), .state = nullptr};
    if (const Json* breaker = data::find(config, "breaker")) {
        auto read = gateway::read_breaker(*breaker);
        if (!read) { return inside("/breaker", std::move(read).error()); }
        to.breaker = std::make_unique<const gateway::BreakerSettings>(*std::move(read));
    }
    // A breaker belongs to the api, not to its release: a publish does not close it. Without one
    // there is only the budget of retries, which all that call the origin share.
    to.state = context.upstreams.state(to.breaker ? fmt::format("{} {} {}", context.service_id,
                                                                context.api_id, context.environment)
                                                  : to.origin->key);
    return calls_origin(std::move(settings), std::move(to));
}

}  // namespace

gateway::BackendKind http() {
    return {.name = "http", .schema = embedded::http_schema_json, .build = build};
}

}  // namespace lintel::backends
