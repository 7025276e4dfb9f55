#include "gateway/upstream/upstream.h"

#include <algorithm>

namespace lintel::gateway {

void Upstream::note_failure(const UpstreamServer& server, std::string_view why,
                            std::uint64_t now_ms) const {
    if (!server.state->note_failure(passive, why, now_ms)) { return; }
    const std::scoped_lock lock(state->ejecting);
    const auto takers = std::ranges::count_if(servers, &UpstreamServer::takes_calls);
    const auto ejected = std::ranges::count_if(servers, [now_ms](const UpstreamServer& other) {
        return other.takes_calls() && other.state->is_ejected(now_ms);
    });
    // One of several may always go; the last one never does: a bad server is better than none.
    const std::ptrdiff_t share = takers * passive.max_ejected_percent / 100;
    const std::ptrdiff_t allowed =
        passive.max_ejected_percent == 0 ? 0 : std::clamp<std::ptrdiff_t>(share, 1, takers);
    if (ejected < std::min(allowed, takers - 1)) { server.state->eject(passive, now_ms); }
}

bool Upstream::is_available(std::uint64_t now_ms) const {
    return std::ranges::any_of(servers, [now_ms](const UpstreamServer& server) {
        return server.takes_calls() && server.state->is_available(now_ms);
    });
}

UpstreamReport report_of(const Upstream& upstream, std::uint64_t now_ms) {
    UpstreamReport report;
    report.available = upstream.is_available(now_ms);
    if (upstream.breaker) { report.breaker = upstream.state->breaker.state(); }
    for (const UpstreamServer& server : upstream.servers) {
        report.servers.emplace_back(server.address, server.state->report(now_ms));
    }
    return report;
}

}  // namespace lintel::gateway
