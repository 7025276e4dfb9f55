// Calls of http backends, to one origin or to the servers of an upstream, and the rules by which a
// call is made again. Private to the plugin.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/plugin.h"
#include "gateway/upstream/upstream.h"
#include "http/client.h"

namespace lintel::backends {

/// How often and for what a request is sent again.
struct RetryRules {
    static constexpr int kByMethod = -1;  ///< idempotent methods once, others never

    int times = kByMethod;
    gateway::StatusSet statuses;  ///< answers that are not good enough

    std::uint32_t allowed(std::string_view method) const {
        if (times >= 0) { return static_cast<std::uint32_t>(times); }
        return http::is_idempotent(method) ? 1 : 0;
    }
};

struct CallSettings {
    std::string host_header = {};               ///< empty = that of the server called
    std::chrono::milliseconds timeout{15'000};  ///< for the answer to begin, all tries together
    std::chrono::milliseconds stream_idle{300'000};  ///< of answers without an end
    bool websocket = false;
    RetryRules retry = {};
};

/// A backend of its own for one api.
struct OwnOrigin {
    std::shared_ptr<const http::Origin> origin;
    std::shared_ptr<gateway::UpstreamState> state;
    std::unique_ptr<const gateway::BreakerSettings> breaker = nullptr;  ///< null: none
};

std::unique_ptr<const gateway::Backend> calls_origin(CallSettings settings, OwnOrigin to);
/// `slot` is the upstream's in each snapshot; who its servers are is up to the snapshot.
std::unique_ptr<const gateway::Backend> calls_upstream(CallSettings settings, std::uint32_t slot);

}  // namespace lintel::backends
