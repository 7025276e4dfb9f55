#include "http/server.h"

#include <algorithm>

#include "async/waiter.h"
#include "base/log.h"
#include "http/http2_exchange.h"
#include "http/server_connection.h"

namespace lintel::http {
namespace {

constexpr std::size_t kSpareExchanges = 256;

/// What waits for its next request holds no memory of the last.
void forget_request(ServerExchange& exchange) {
    exchange.arena.reset();
    exchange.head.fields.clear();
}

}  // namespace

ServerState::ServerState(async::Loop& on, Handler& to, const Clock& clock, ConnectionLimits& within,
                         ServerOptions with)
    : loop(on), handler(to), limits(within), options(with), date(clock), idle(on) {}

ServerState::~ServerState() = default;

std::unique_ptr<Http1Exchange> ServerState::lend() {
    if (spare.empty()) { return std::make_unique<Http1Exchange>(options, date, draining); }
    std::unique_ptr<Http1Exchange> exchange = std::move(spare.back());
    spare.pop_back();
    return exchange;
}

void ServerState::give_back(std::unique_ptr<Http1Exchange> exchange) {
    forget_request(*exchange);
    if (spare.size() < kSpareExchanges) { spare.push_back(std::move(exchange)); }
}

std::unique_ptr<Http2Exchange> ServerState::lend_stream() {
    if (spare_streams.empty()) { return std::make_unique<Http2Exchange>(*this); }
    std::unique_ptr<Http2Exchange> exchange = std::move(spare_streams.back());
    spare_streams.pop_back();
    return exchange;
}

void ServerState::give_back(std::unique_ptr<Http2Exchange> exchange) {
    forget_request(*exchange);
    // The turn may still refer to a stream that is not kept.
    if (spare_streams.size() < kSpareExchanges) {
        spare_streams.push_back(std::move(exchange));
    } else {
        loop.bury(std::move(exchange));
    }
}

bool ServerState::admits(const async::Accepted& accepted, const Opening& opening,
                         ConnectionLimits::Admission& admission) {
    if (draining) { return false; }
    // Whose connection a balancer brings is known when its header was read.
    if (opening.balancers == nullptr) {
        return accepted.by_unix_socket || admission.claim(accepted.peer.address);
    }
    const auto covers = [&](const IpRange& range) { return range.contains(accepted.peer.address); };
    if (accepted.by_unix_socket || std::ranges::any_of(*opening.balancers, covers)) { return true; }
    limits.refused(ConnectionLimits::Refusal::ProxyHeader);
    log::debug("a connection came by no known load balancer",
               {{"client", accepted.peer.address.to_string()}});
    return false;
}

void ServerState::ended(ServerConnection& connection) {
    connection.give_place_back();
    loop.bury(std::move(*connection.place));
    connections.erase(connection.place);
    if (connections.empty() && draining) { idle.wake(); }
}

Server::Server(async::Loop& loop, Handler& handler, const Clock& clock, ConnectionLimits& limits,
               ServerOptions options)
    : state_(std::make_unique<ServerState>(loop, handler, clock, limits, options)) {}

Server::~Server() {
    state_->listeners.clear();
    state_->connections.clear();
}

void Server::listen(async::ListenSocket socket, Opening opening) {
    state_->listeners.push_back(std::make_unique<async::Listener>(
        state_->loop, std::move(socket),
        [this, opening](async::Accepted accepted) { serve(std::move(accepted), opening); }));
}

void Server::serve(async::Accepted accepted, Opening opening) {
    std::optional<ConnectionLimits::Admission> admission = state_->limits.admit();
    if (!admission || !state_->admits(accepted, opening, *admission)) { return; }
    state_->connections.push_back(std::make_unique<ServerConnection>(
        *state_, std::move(accepted), opening, *std::move(admission)));
    ServerConnection& connection = *state_->connections.back();
    connection.place = std::prev(state_->connections.end());
    connection.start();
}

Task<void> Server::drain(async::Deadline deadline) {
    state_->draining = true;
    state_->listeners.clear();
    for (const auto& connection : state_->connections) {
        connection->announce_end();
    }
    if (state_->options.drain_idle_grace.count() > 0 && !state_->connections.empty()) {
        const async::Deadline grace = state_->loop.after(state_->options.drain_idle_grace);
        co_await state_->idle.until(std::min(grace, deadline));
    }
    state_->closing = true;
    for (const auto& connection : state_->connections) {
        connection->wind_down();
    }
    if (state_->connections.empty()) { co_return; }
    if (co_await state_->idle.until(deadline) != 0) {
        // Destroying a connection cancels its handler wherever it waits.
        state_->connections.clear();
    }
}

}  // namespace lintel::http
