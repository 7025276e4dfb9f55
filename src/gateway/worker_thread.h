// A worker with its thread: the parts of one core, built and taken apart in the right order.
// Private to gateway.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "async/connector.h"
#include "async/gate.h"
#include "async/listener.h"
#include "gateway/debug_call.h"
#include "gateway/gateway.h"
#include "gateway/worker.h"

namespace lintel::gateway {

class Gateway::WorkerThread {
public:
    static Result<std::unique_ptr<WorkerThread>> open(Gateway& gateway, const Snapshot& initial);
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;
    /// REQUIRES: stop() was called, or start() was not.
    ~WorkerThread();

    void start();
    /// Begins to accept. After start().
    void listen(std::vector<BoundSocket> sockets);
    /// Asks the loop to drain and end; join() waits for it.
    void stop();
    void join();
    /// The worker takes the snapshot in its next turn, then `installed` is called on its thread.
    void install(const Snapshot& snapshot, std::function<void()> installed);
    void trust(std::shared_ptr<const TrustedProxies> proxies);
    void debug(std::shared_ptr<DebugJob> job);

    Worker& worker() { return worker_; }

private:
    WorkerThread(Gateway& gateway, std::unique_ptr<async::Loop> loop, const Snapshot& initial);
    void run();
    Task<void> drain_and_stop();
    Task<void> run_debug(std::shared_ptr<DebugJob> job);

    Gateway& gateway_;
    std::unique_ptr<async::Loop> loop_;
    WorkerEnvironment environment_;
    async::Connector connector_;
    http::ClientPool clients_;
    Worker worker_;
    std::optional<http::Server> server_;  ///< lives on the thread only
    async::Gate gate_;
    std::vector<async::Waiter*> debugged_;  ///< ends of the debug calls under way
    std::thread thread_;
};

}  // namespace lintel::gateway
