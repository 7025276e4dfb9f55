#include "app/listeners.h"

#include <fmt/core.h>

#include <utility>

#include "app/tls_listener.h"

namespace lintel::app {

Status check_listeners(const Settings& settings) {
    if (!settings.list("proxy_protocol_from").empty()) { return {}; }
    for (const std::string_view name : {"listen", "tls.listen"}) {
        for (const ListenEntry& entry : settings.listeners(name)) {
            // Whoever reaches a unix socket was let in by its mode.
            if (!entry.proxy_protocol || entry.address.is_unix()) { continue; }
            return fail(Code::ConfigInvalid,
                        fmt::format("{}: {} has 'proxy_protocol', but proxy_protocol_from names no "
                                    "load balancer; anybody could claim any address",
                                    name, async::to_string(entry.address)));
        }
    }
    return {};
}

Result<std::vector<gateway::ListenAt>> gateway_listeners(const Settings& settings, bool certified,
                                                         const Clock& clock) {
    RETURN_IF_ERROR(check_listeners(settings));
    std::vector<gateway::ListenAt> listeners;
    for (const ListenEntry& entry : settings.listeners("listen")) {
        listeners.push_back({.address = entry.address, .balancers = balancers_of(entry, settings)});
    }
    ASSIGN_OR_RETURN(std::vector<gateway::ListenAt> with_tls,
                     tls_listeners(settings, certified, clock));
    for (gateway::ListenAt& listener : with_tls) {
        listeners.push_back(std::move(listener));
    }
    return listeners;
}

std::optional<std::vector<IpRange>> balancers_of(const ListenEntry& entry,
                                                 const Settings& settings) {
    if (!entry.proxy_protocol) { return std::nullopt; }
    return settings.ranges("proxy_protocol_from");
}

}  // namespace lintel::app
