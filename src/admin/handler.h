// The management API on the wire: reads requests on the loop, runs them on a few threads of their
// own, answers health and metrics itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/dispatcher.h"
#include "async/blocking_pool.h"
#include "async/task.h"
#include "http/handler.h"

namespace lintel::admin {

/// How the node is, asked by /readyz and /metrics. The functions are called on any thread.
struct Health {
    struct Report {
        bool ready = false;
        std::uint64_t revision = 0;
        std::vector<std::pair<std::string, bool>> checks;
    };
    std::function<Report()> report;
    std::function<std::string()> metrics;  ///< Prometheus text
};

struct TransportOptions {
    /// Names besides localhost that requests may come to; addresses are always fine. A name that an
    /// attacker points at us (DNS rebinding) is not among them.
    std::vector<std::string> hosts;
    std::size_t body_max_bytes = 1U << 20;
};

/// Whether a Host field may be answered.
bool is_host_allowed(std::string_view host, const std::vector<std::string>& names);

/// Role: http::Handler of the management listener. Owner: Server. Lives on its loop's thread.
class Handler final : public http::Handler {
public:
    Handler(const Dispatcher& dispatcher, const Health& health, async::BlockingPool& pool,
            const TransportOptions& options)
        : dispatcher_(dispatcher), health_(health), pool_(pool), options_(options) {}

    Task<void> handle(http::ServerExchange& exchange) override;

private:
    Task<Reply> answer(http::ServerExchange& exchange, std::string request_id);
    Task<Result<std::string>> read_body(http::ServerExchange& exchange);

    const Dispatcher& dispatcher_;
    const Health& health_;
    async::BlockingPool& pool_;
    const TransportOptions& options_;
};

}  // namespace lintel::admin
