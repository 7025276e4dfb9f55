// One client connection: reads heads, has each request handled in turn, decides whether the
// connection lives on. Internal to the server.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "async/waiter.h"
#include "http/server_exchange.h"

namespace lintel::http {

class Http2Exchange;
class Http2ServerConnection;
class ServerConnection;

struct ServerState {
    ServerState(async::Loop& on, Handler& to, const Clock& clock, ServerOptions with);
    ~ServerState();

    async::Loop& loop;
    Handler& handler;
    const ServerOptions options;
    DateLine date;
    Http1Server::Counts counts;
    bool draining = false;
    async::Waiter idle;  ///< woken when the last connection ended while draining
    std::vector<std::unique_ptr<async::Listener>> listeners;
    std::vector<std::unique_ptr<Http1Exchange>> spare;
    std::vector<std::unique_ptr<Http2Exchange>> spare_streams;
    std::list<std::unique_ptr<ServerConnection>> connections;

    std::unique_ptr<Http1Exchange> lend();
    void give_back(std::unique_ptr<Http1Exchange> exchange);
    std::unique_ptr<Http2Exchange> lend_stream();
    void give_back(std::unique_ptr<Http2Exchange> exchange);
    void ended(ServerConnection& connection);
};

/// Owned by the server until it ended; then buried, because its coroutine is the one that ends it.
class ServerConnection final : public async::Buriable {
public:
    ServerConnection(ServerState& server, async::Accepted accepted, const async::TlsServer* tls);
    ~ServerConnection() override;

    /// Runs to the first wait.
    void start();
    /// No more requests: ends it now if none is being served.
    void wind_down();

    std::list<std::unique_ptr<ServerConnection>>::iterator place;

private:
    Task<void> run();
    // Not inlined: what run() awaits would else become part of its frame, which an idle connection
    // holds all its life.
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

    ServerState& server_;
    const async::TlsServer* tls_;  ///< null = plain text
    async::Socket socket_;
    Peer peer_;
    std::uint32_t served_ = 0;
    std::string preface_;  ///< what came of HTTP/2 before we knew
    Http2ServerConnection* http2_ = nullptr;
    bool idle_ = true;
    bool linger_ = false;
    std::unique_ptr<Http1Exchange> exchange_;
    Task<void> running_;  ///< last: what it refers to goes after it
};

}  // namespace lintel::http
