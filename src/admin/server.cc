#include "admin/server.h"

#include "http/server.h"

namespace lintel::admin {

namespace {

/// Few on purpose: log-ins take much memory each, and SQLite has one writer.
constexpr std::size_t kThreads = 4;
constexpr std::size_t kQueueLimit = 256;
constexpr std::size_t kMaxConnections = 256;

}  // namespace

Server::Server(std::unique_ptr<async::Loop> loop, async::SocketAddress address, Settings settings)
    : address_(address),
      settings_(std::move(settings)),
      loop_(std::move(loop)),
      pool_({.threads = kThreads, .queue_limit = kQueueLimit}) {}

Result<std::unique_ptr<Server>> Server::start(async::ListenSocket socket,
                                              const Dispatcher& dispatcher, Health health,
                                              const Clock& clock, TransportOptions options) {
    ASSIGN_OR_RETURN(std::unique_ptr<async::Loop> loop, async::Loop::open());
    Settings settings{.dispatcher = dispatcher,
                      .clock = clock,
                      .health = std::move(health),
                      .transport = std::move(options)};
    std::unique_ptr<Server> server(
        new Server(std::move(loop), socket.address(), std::move(settings)));
    server->thread_ = std::jthread(&Server::serve, server.get(), std::move(socket));
    return server;
}

Server::~Server() {
    stop(std::chrono::milliseconds(0));
}

void Server::stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) { return; }
    grace_ms_ = grace.count();
    loop_->stop();
    thread_.join();
}

void Server::serve(async::ListenSocket socket) {
    // Everything of the connections lives and dies on this thread.
    Handler handler(settings_.dispatcher, settings_.health, pool_, settings_.transport);
    http::ConnectionLimits limits(kMaxConnections);
    http::Server server(*loop_, handler, settings_.clock, limits, {});
    server.listen(std::move(socket));
    loop_->run();
    async::run_on(*loop_, server.drain(loop_->after(std::chrono::milliseconds(grace_ms_.load()))));
}

}  // namespace lintel::admin
