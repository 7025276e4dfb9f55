// The management listener with its own loop and threads: busy workers never slow it down, and it
// never slows them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "admin/dispatcher.h"
#include "admin/handler.h"
#include "async/blocking_pool.h"
#include "async/listener.h"
#include "async/loop.h"
#include "base/clock.h"

namespace lintel::admin {

/// Role: serves the management API. Owner: the app; start and stop on the main thread.
class Server {
public:
    /// `dispatcher` and `clock` outlive the server.
    static Result<std::unique_ptr<Server>> start(async::ListenSocket socket,
                                                 const Dispatcher& dispatcher, Health health,
                                                 const Clock& clock, TransportOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    async::SocketAddress address() const { return address_; }
    /// Lets requests in flight finish, at most for `grace`; then the thread ends. Once.
    void stop(std::chrono::milliseconds grace);

private:
    struct Settings {
        const Dispatcher& dispatcher;
        const Clock& clock;
        Health health;
        TransportOptions transport;
    };
    Server(std::unique_ptr<async::Loop> loop, async::SocketAddress address, Settings settings);
    void serve(async::ListenSocket socket);

    async::SocketAddress address_;
    Settings settings_;
    std::unique_ptr<async::Loop> loop_;
    async::BlockingPool pool_;  ///< goes before the loop it posts to
    std::atomic<std::int64_t> grace_ms_{0};
    std::jthread thread_;
};

}  // namespace lintel::admin
