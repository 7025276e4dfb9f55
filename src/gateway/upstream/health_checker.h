// Asks the servers of upstreams whether they are well: one checker for the process, on a thread and
// a loop of its own, so that a check never waits behind a request, or a request behind a check, and
// a server is asked as often as was said, however many workers there are.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "async/connector.h"
#include "async/loop.h"
#include "async/task.h"
#include "gateway/upstream/upstream.h"
#include "http/client.h"

namespace lintel::gateway {

/// Role: runs the active checks of the newest snapshot; results go into the ServerStates, where
/// workers read them. Owned by the Gateway. start(), install() and stop() belong to management
/// threads, the rest to its own.
class HealthChecker {
public:
    /// Not running yet. `rule` decides where checks may go, like calls.
    static Result<std::unique_ptr<HealthChecker>> open(async::Resolver& resolver,
                                                       async::AddressRule rule,
                                                       http::ClientOptions options);
    HealthChecker(const HealthChecker&) = delete;
    HealthChecker& operator=(const HealthChecker&) = delete;
    /// REQUIRES: stop() was called, or start() was not.
    ~HealthChecker();

    void start();
    /// Checks these from now on. A server whose check stays the same goes on undisturbed.
    void install(std::shared_ptr<const UpstreamTable> upstreams);
    /// Ends all checks and the thread.
    void stop();

private:
    class Watch;
    using Key = std::pair<std::string, std::string>;  ///< upstream id, server address

    HealthChecker(std::unique_ptr<async::Loop> loop, async::Resolver& resolver,
                  async::AddressRule rule, http::ClientOptions options);
    void take(const UpstreamTable& upstreams);

    std::unique_ptr<async::Loop> loop_;
    async::Connector connector_;
    http::ClientPool clients_;
    std::map<Key, std::unique_ptr<Watch>> watches_;  ///< touched on the thread only
    std::thread thread_;
};

}  // namespace lintel::gateway
