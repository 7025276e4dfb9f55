// One client connection: reads heads, has each request handled in turn, decides whether the
// connection lives on. Internal to the server.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "async/waiter.h"
#include "http/server_exchange.h"

namespace lintel::http {

class ServerConnection;

struct Http1Server::State {
    State(async::Loop& on, Handler& to, const Clock& clock, ServerOptions with)
        : loop(on), handler(to), options(with), date(clock), idle(on) {}

    async::Loop& loop;
    Handler& handler;
    const ServerOptions options;
    DateLine date;
    Counts counts;
    bool draining = false;
    async::Waiter idle;  ///< woken when the last connection ended while draining
    std::vector<std::unique_ptr<async::Listener>> listeners;
    std::vector<std::unique_ptr<Http1Exchange>> spare;
    std::list<std::unique_ptr<ServerConnection>> connections;

    std::unique_ptr<Http1Exchange> lend();
    void give_back(std::unique_ptr<Http1Exchange> exchange);
    void ended(ServerConnection& connection);
};

/// Owned by the server until it ended; then buried, because its coroutine is the one that ends it.
class ServerConnection final : public async::Buriable {
public:
    ServerConnection(Http1Server::State& server, async::Accepted accepted,
                     const async::TlsServer* tls);
    ~ServerConnection() override;

    /// Runs to the first wait.
    void start();
    /// Ends it now if no request is being served.
    void end_if_idle();

    std::list<std::unique_ptr<ServerConnection>>::iterator place;

private:
    Task<void> run();
    /// False when the connection did not become a secure one.
    Task<bool> shake_hands();
    /// Serves requests while bytes are there. False when the connection must end.
    Task<bool> serve(Http1Exchange& exchange);
    /// Looks whether the head is complete in what has arrived; prepares the exchange if so.
    http1::Progress read_head(Http1Exchange& exchange);
    /// Where the next bytes of a head go; never empty.
    std::span<char> make_room(Http1Exchange& exchange);
    /// Nothing more of the head will come. True when there is someone to tell.
    static bool head_failed(Http1Exchange& exchange, async::IoResult got);
    enum class After : std::uint8_t { Next, Drain, End };
    /// Between two requests: what becomes of the connection.
    After settle(Http1Exchange& exchange);
    Task<bool> drain_body(Http1Exchange& exchange);
    static void keep_surplus(Http1Exchange& exchange);
    Task<void> linger();

    Http1Server::State& server_;
    const async::TlsServer* tls_;  ///< null = plain text
    async::Socket socket_;
    Peer peer_;
    std::uint32_t served_ = 0;
    bool idle_ = true;
    bool linger_ = false;
    std::unique_ptr<Http1Exchange> exchange_;
    Task<void> running_;  ///< last: what it refers to goes after it
};

}  // namespace lintel::http
