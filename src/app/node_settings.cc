#include "app/node_settings.h"

#include <sys/resource.h>

#include <algorithm>

#include "app/listeners.h"
#include "app/version.h"
#include "base/log.h"
#include "gateway/memory_watch.h"

namespace lintel::app {

namespace {

/// At a stop, connections without a request may bring one for so long (HTTP/1.1 cannot take back
/// what is on its way).
constexpr std::chrono::milliseconds kIdleGrace{2000};

/// Descriptors that are no connections: listeners, logs, store, loops.
constexpr std::size_t kOtherDescriptors = 128;

/// Raised as far as it may be.
std::size_t limit_of_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) { return kOtherDescriptors; }
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/// Each connection may need another one to a backend: those who are connected must be served.
std::size_t connections_in_all(const Settings& settings) {
    const auto asked = static_cast<std::size_t>(settings.integer("connections.max"));
    const std::size_t files = limit_of_open_files();
    const std::size_t possible =
        files > 2 * kOtherDescriptors ? (files - kOtherDescriptors) / 2 : kOtherDescriptors / 2;
    if (possible >= asked) { return asked; }
    log::info("the limit of open files allows fewer connections than connections.max",
              {{"open_files", files}, {"connections", possible}});
    return possible;
}

std::uint64_t memory_budget(const Settings& settings) {
    const auto asked = static_cast<std::uint64_t>(settings.integer("memory.max_bytes"));
    return asked > 0 ? asked : gateway::control_group_limit();
}

}  // namespace

std::shared_ptr<const gateway::TrustedProxies> trusted_proxies(const Settings& settings) {
    using Header = gateway::TrustedProxies::Header;
    const bool forwarded = settings.text("trusted_proxy_header") == "forwarded";
    return std::make_shared<const gateway::TrustedProxies>(
        gateway::TrustedProxies{.ranges = settings.ranges("trusted_proxies"),
                                .header = forwarded ? Header::Forwarded : Header::XForwardedFor});
}

http::ConnectionsPerClient connections_per_client(const Settings& settings) {
    return {.most = static_cast<std::size_t>(settings.integer("connections.per_client")),
            .unlimited = settings.ranges("trusted_proxies")};
}

Result<gateway::GatewayOptions> gateway_options(const Settings& settings, bool certified,
                                                const Clock& clock) {
    gateway::GatewayOptions options;
    ASSIGN_OR_RETURN(options.listen, gateway_listeners(settings, certified, clock));
    options.connections = connections_in_all(settings);
    options.max_in_flight = static_cast<std::uint64_t>(settings.integer("requests.max_in_flight"));
    options.memory_budget = memory_budget(settings);
    options.connections_per_client = connections_per_client(settings);
    options.trusted_proxies = trusted_proxies(settings);
    options.workers = static_cast<std::size_t>(settings.integer("workers"));
    const std::string& log = settings.text("access_log");
    options.access_log = log == "off" ? "" : log;
    options.version = kVersion;
    options.drain_time = settings.duration("drain");
    options.server.drain_idle_grace =
        std::min<std::chrono::milliseconds>(kIdleGrace, options.drain_time);
    return options;
}

}  // namespace lintel::app
