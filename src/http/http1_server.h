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
#include "http/http1.h"
#include "http/server.h"

namespace lintel::http {

struct ServerOptions {
    http1::HeadLimits head_limits = {};
    std::chrono::milliseconds head_timeout{10'000};        ///< first to last byte of a head
    std::chrono::milliseconds body_idle_timeout{30'000};   ///< between two pieces of a body
    std::uint64_t body_bytes_per_second = 500;             ///< floor, after a grace of head_timeout
    std::chrono::milliseconds keep_alive_timeout{60'000};  ///< between two requests
    std::chrono::milliseconds send_stall_timeout{30'000};  ///< without a byte taken by the client
    std::uint32_t requests_per_connection = 1000;
    std::size_t max_connections = 50'000;   ///< beyond it, connections are closed at accept
    std::uint64_t drain_limit = 64U << 10;  ///< unread body read away to keep the connection
};

struct ServerState;

/// One per worker (and one for the management API), used on its loop's thread. The handler must be
/// the only one and outlive the server. Destroying it cuts what drain() has not ended.
class Http1Server {
public:
    struct Counts {
        std::uint64_t accepted = 0;
        std::uint64_t turned_away = 0;  ///< over max_connections
        std::size_t open = 0;
    };

    Http1Server(async::Loop& loop, Handler& handler, const Clock& clock, ServerOptions options);
    Http1Server(const Http1Server&) = delete;
    Http1Server& operator=(const Http1Server&) = delete;
    ~Http1Server();

    /// Begins to accept, with TLS when `tls` is given; it must outlive the server. May be called
    /// for several addresses.
    void listen(async::ListenSocket socket, const async::TlsServer* tls = nullptr);
    /// Serves a connection that is already there (tests, socket hand-over).
    void serve(async::Accepted accepted, const async::TlsServer* tls = nullptr);
    /// Stops accepting, ends idle connections, lets requests in flight finish with
    /// "Connection: close" and cuts what is left at the deadline. Safe to call once.
    Task<void> drain(async::Deadline deadline);
    Counts counts() const;

private:
    std::unique_ptr<ServerState> state_;
};

}  // namespace lintel::http
