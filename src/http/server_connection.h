// One client connection: reads heads, has each request handled in turn, decides whether the
// connection lives on. Internal to the server.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "async/waiter.h"
#include "http/server_exchange.h"

namespace lintel::http {

class Http2Exchange;
class Http2ServerConnection;
class ServerConnection;

struct ServerState {
    ServerState(async::Loop& on, Handler& to, const Clock& clock, ConnectionLimits& within,
                ServerOptions with);
    ~ServerState();

    async::Loop& loop;
    Handler& handler;
    ConnectionLimits& limits;
    const ServerOptions options;
    DateLine date;
    bool draining = false;  ///< no new connections; every answer is the last of its connection
    bool closing = false;   ///< and what is idle ends
    async::Waiter idle;     ///< woken when the last connection ended while draining
    std::vector<std::unique_ptr<async::Listener>> listeners;
    std::vector<std::unique_ptr<Http1Exchange>> spare;
    std::vector<std::unique_ptr<Http2Exchange>> spare_streams;
    std::list<std::unique_ptr<ServerConnection>> connections;

    std::unique_ptr<Http1Exchange> lend();
    void give_back(std::unique_ptr<Http1Exchange> exchange);
    std::unique_ptr<Http2Exchange> lend_stream();
    void give_back(std::unique_ptr<Http2Exchange> exchange);
    void ended(ServerConnection& connection);
    /// Whether a connection that has a place may use it; he who connected is counted.
    bool admits(const async::Accepted& accepted, const Opening& opening,
                ConnectionLimits::Admission& admission);
};

/// Owned by the server until it ended; then buried, because its coroutine is the one that ends it.
class ServerConnection final : public async::Buriable, private async::PeerWatch {
public:
    ServerConnection(ServerState& server, async::Accepted accepted, const Opening& opening,
                     ConnectionLimits::Admission admission);
    ~ServerConnection() override;

    /// Runs to the first wait.
    void start();
    /// The server drains: says so where the protocol has a word for it.
    void announce_end();
    /// No more requests: ends it now if none is being served.
    void wind_down();
    /// Makes room for another, before it is destroyed.
    void give_place_back() { admission_.reset(); }

    std::list<std::unique_ptr<ServerConnection>>::iterator place;

private:
    Task<void> run();
    // Not inlined: what run() awaits would else become part of its frame, which an idle connection
    // holds all its life.
    /// What comes before the first request. False when the connection must end.
    [[gnu::noinline]] Task<bool> open();
    /// False when no load balancer said whose connection it is, or that client has too many.
    [[gnu::noinline]] Task<bool> learn_client();
    /// False when the connection did not become a secure one.
    [[gnu::noinline]] Task<bool> shake_hands();
    /// Serves requests while bytes are there. False when the connection must end, or speaks HTTP/2.
    [[gnu::noinline]] Task<bool> serve(Http1Exchange& exchange);
    /// True when the client begins with the preface of HTTP/2 (RFC 9113 section 3.3).
    bool begins_http2(const Http1Exchange& exchange);
    /// Serves the rest of the connection.
    [[gnu::noinline]] Task<void> speak_http2();
    /// Looks whether the head is complete in what has arrived; prepares the exchange if so.
    http1::Progress read_head(Http1Exchange& exchange);
    /// Where the next bytes of a head go; never empty.
    std::span<char> make_room(Http1Exchange& exchange);
    /// Nothing more of the head will come. True when there is someone to tell.
    static bool head_failed(Http1Exchange& exchange, async::IoResult got);
    enum class After : std::uint8_t { Next, Drain, End };
    /// Between two requests: what becomes of the connection.
    After settle(Http1Exchange& exchange);
    [[gnu::noinline]] Task<bool> drain_body(Http1Exchange& exchange);
    static void keep_surplus(Http1Exchange& exchange);
    [[gnu::noinline]] Task<void> linger();
    /// The client went while his request was being served: whatever still works for him is
    /// cancelled, unless the answer is on its way.
    void peer_left() override;

    ServerState& server_;
    const Opening opening_;
    std::optional<ConnectionLimits::Admission> admission_;  ///< until it ended
    async::Socket socket_;
    Peer peer_;
    std::uint32_t served_ = 0;
    std::string preface_;  ///< what came of HTTP/2 before we knew
    Http2ServerConnection* http2_ = nullptr;
    bool idle_ = true;
    bool linger_ = false;
    bool abandoned_ = false;  ///< ended by peer_left(); lives to the end of the turn
    std::unique_ptr<Http1Exchange> exchange_;
    Task<void> running_;  ///< last: what it refers to goes after it
};

}  // namespace lintel::http
