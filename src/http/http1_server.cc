#include "http/http1_server.h"

#include "async/waiter.h"
#include "http/http2_exchange.h"
#include "http/server_connection.h"

namespace lintel::http {
namespace {

constexpr std::size_t kSpareExchanges = 64;

}  // namespace

ServerState::ServerState(async::Loop& on, Handler& to, const Clock& clock, ServerOptions with)
    : loop(on), handler(to), options(with), date(clock), idle(on) {}

ServerState::~ServerState() = default;

std::unique_ptr<Http1Exchange> ServerState::lend() {
    if (spare.empty()) { return std::make_unique<Http1Exchange>(options, date, draining); }
    std::unique_ptr<Http1Exchange> exchange = std::move(spare.back());
    spare.pop_back();
    return exchange;
}

void ServerState::give_back(std::unique_ptr<Http1Exchange> exchange) {
    if (spare.size() < kSpareExchanges) { spare.push_back(std::move(exchange)); }
}

std::unique_ptr<Http2Exchange> ServerState::lend_stream() {
    if (spare_streams.empty()) { return std::make_unique<Http2Exchange>(*this); }
    std::unique_ptr<Http2Exchange> exchange = std::move(spare_streams.back());
    spare_streams.pop_back();
    return exchange;
}

void ServerState::give_back(std::unique_ptr<Http2Exchange> exchange) {
    // The turn may still refer to a stream that is not kept.
    if (spare_streams.size() < kSpareExchanges) {
        spare_streams.push_back(std::move(exchange));
    } else {
        loop.bury(std::move(exchange));
    }
}

void ServerState::ended(ServerConnection& connection) {
    loop.bury(std::move(*connection.place));
    connections.erase(connection.place);
    if (connections.empty() && draining) { idle.wake(); }
}

Http1Server::Http1Server(async::Loop& loop, Handler& handler, const Clock& clock,
                         ServerOptions options)
    : state_(std::make_unique<ServerState>(loop, handler, clock, options)) {}

Http1Server::~Http1Server() {
    state_->listeners.clear();
    state_->connections.clear();
}

void Http1Server::listen(async::ListenSocket socket, const async::TlsServer* tls) {
    state_->listeners.push_back(std::make_unique<async::Listener>(
        state_->loop, std::move(socket),
        [this, tls](async::Accepted accepted) { serve(std::move(accepted), tls); }));
}

void Http1Server::serve(async::Accepted accepted, const async::TlsServer* tls) {
    ++state_->counts.accepted;
    if (state_->draining || state_->connections.size() >= state_->options.max_connections) {
        ++state_->counts.turned_away;
        return;
    }
    state_->connections.push_back(
        std::make_unique<ServerConnection>(*state_, std::move(accepted), tls));
    ServerConnection& connection = *state_->connections.back();
    connection.place = std::prev(state_->connections.end());
    connection.start();
}

Task<void> Http1Server::drain(async::Deadline deadline) {
    state_->draining = true;
    state_->listeners.clear();
    for (const auto& connection : state_->connections) {
        connection->wind_down();
    }
    if (state_->connections.empty()) { co_return; }
    if (co_await state_->idle.until(deadline) != 0) {
        // Destroying a connection cancels its handler wherever it waits.
        state_->connections.clear();
    }
}

Http1Server::Counts Http1Server::counts() const {
    Counts counts = state_->counts;
    counts.open = state_->connections.size();
    return counts;
}

}  // namespace lintel::http
