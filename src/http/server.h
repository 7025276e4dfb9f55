// Serves a Handler on one loop: accepts, finds out whether a client speaks HTTP/1.1 or HTTP/2,
// keeps connections alive, answers pipelined requests in order, and ends everything in time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "async/gate.h"
#include "async/listener.h"
#include "async/loop.h"
#include "async/tls.h"
#include "base/clock.h"
#include "http/connection_limits.h"
#include "http/handler.h"
#include "http/http1.h"

namespace lintel::http {

struct ServerOptions {
    http1::HeadLimits head_limits = {};
    std::chrono::milliseconds head_timeout{10'000};        ///< first to last byte of a head
    std::chrono::milliseconds body_idle_timeout{30'000};   ///< between two pieces of a body
    std::uint64_t body_bytes_per_second = 500;             ///< floor, after a grace of head_timeout
    std::chrono::milliseconds keep_alive_timeout{60'000};  ///< between two requests
    std::chrono::milliseconds send_stall_timeout{30'000};  ///< without a byte taken by the client
    std::uint32_t requests_per_connection = 1000;
    std::uint64_t drain_limit = 64U << 10;  ///< unread body read away to keep the connection
    /// When the server drains, a connection that serves nothing may still bring one request for so
    /// long: it may be on its way already.
    std::chrono::milliseconds drain_idle_grace{0};
};

/// How the connections of one listener begin.
struct Opening {
    const async::TlsServer* tls = nullptr;  ///< null = plain text
    /// Load balancers that must send a PROXY header first; nobody else may connect. Whoever reaches
    /// a unix socket may send one. Null = no header is expected.
    const std::vector<IpRange>* balancers = nullptr;

    /// Nothing comes before the first request.
    bool is_plain() const { return tls == nullptr && balancers == nullptr; }
};

struct ServerState;

/// One per worker (and one for the management API), used on its loop's thread. The handler must be
/// the only one and outlive the server. Destroying it cuts what drain() has not ended.
class Server {
public:
    /// `limits` may be shared with other servers.
    Server(async::Loop& loop, Handler& handler, const Clock& clock, ConnectionLimits& limits,
           ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Begins to accept; what `opening` points to must outlive the server. May be called for
    /// several addresses.
    void listen(async::ListenSocket socket, Opening opening = {});
    /// Serves a connection that is already there.
    void serve(async::Accepted accepted, Opening opening = {});
    /// Stops accepting, ends idle connections after their grace, lets requests in flight finish
    /// with "Connection: close" and cuts what is left at the deadline. Safe to call once.
    Task<void> drain(async::Deadline deadline);

private:
    std::unique_ptr<ServerState> state_;
};

}  // namespace lintel::http
