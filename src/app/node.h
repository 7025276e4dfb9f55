// One Lintel: store, management, compiler, data plane and management API, put together. The only
// place that constructs everything; the order of the members is the order of their lives.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/dispatcher.h"
#include "admin/server.h"
#include "app/data_lock.h"
#include "app/first_administrator.h"
#include "app/inherited.h"
#include "app/listening_sockets.h"
#include "app/local_store.h"
#include "app/settings.h"
#include "app/store_follower.h"
#include "app/usage_writer.h"
#include "async/listener.h"
#include "async/resolver.h"
#include "base/clock.h"
#include "compiler/catalogue.h"
#include "compiler/snapshot_publisher.h"
#include "crypto/password.h"
#include "gateway/gateway.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"
#include "gateway/replay_guard.h"
#include "gateway/reserved_endpoint.h"
#include "gateway/token.h"
#include "gateway/upstream/upstream_registry.h"
#include "management/management.h"
#include "notify/sender.h"

namespace lintel::app {

/// Role: the whole program while it serves. Owner: the serve command; main thread only.
class Node {
public:
    /// Returns when calls are answered. Uses the sockets that were inherited, and waits for the
    /// predecessor to let go of the data directory. StartFailed or ConfigInvalid with a sentence
    /// for the operator.
    static Result<std::unique_ptr<Node>> start(const Settings& settings, Inherited& inherited);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node();

    std::string call_address() const;
    std::string tls_address() const;  ///< empty = no TLS
    std::string admin_address() const;
    const FirstAdministrator& first_administrator() const { return first_; }

    void reopen_access_log() { gateway_->reopen_log(); }
    /// Takes over the settings that may change while it runs.
    void reload(const Settings& settings);
    /// Starts `executable` beside this one and gives it listeners, store and management. True when
    /// it answers calls: then this one is to stop. Else this one goes on as before.
    bool hand_over(const std::string& executable);
    /// Calls in flight get the drain time to finish. Once; also done by the destructor.
    void stop();

private:
    /// What outlives every snapshot, and what plugins are built with.
    struct Lasting {
        explicit Lasting(const crypto::MasterKey& key) : tokens(key) {}

        gateway::Counters counters;
        gateway::ReplayGuard replay_guard;
        gateway::TokenSealer tokens;
        gateway::MetricsRegistry metrics;
        gateway::OutboundRules outbound;
        gateway::UpstreamRegistry upstreams;
    };

    Node(DataLock lock, OpenedStore opened, management::Kinds kinds, compiler::Catalogue catalogue,
         std::vector<async::ListenSocket> inherited);

    Status open_data_plane(const Settings& settings, const async::ListenSocket& admin_socket);
    void build_management(const Settings& settings);
    /// What stands behind the host in redirects to https.
    std::string https_port(const Settings& settings) const;
    Status open_admin(const Settings& settings, async::ListenSocket socket);
    Status serve_admin(async::ListenSocket socket);
    Status begin();
    void follow_store();
    void send_events();
    void write_usage();
    admin::Health health();
    /// No management request is served and nothing is read from the store any more.
    void give_management_away();
    /// Undoes it; Error: a successor has changed the store so that this one cannot use it.
    Status take_management_back();

    SystemClock clock_;
    std::string data_directory_;
    std::optional<DataLock> lock_;  ///< none while a successor has the store
    ListeningSockets sockets_;
    OpenedStore opened_;
    management::Kinds kinds_;
    compiler::Catalogue catalogue_;
    Lasting lasting_;
    std::unique_ptr<const gateway::ReservedEndpoint> token_endpoint_;
    std::size_t plain_listeners_ = 0;  ///< of the gateway; those with TLS follow them
    std::unique_ptr<gateway::Gateway> gateway_;
    /// Posts to the gateway's loops: goes after they stopped turning and before they go.
    std::unique_ptr<async::Resolver> resolver_;
    std::unique_ptr<compiler::LastingState> compiler_state_;
    std::unique_ptr<compiler::SnapshotPublisher> publisher_;
    std::unique_ptr<StoreFollower> follower_;  ///< of a store that others may change; else null
    notify::SenderSettings sender_settings_;
    std::unique_ptr<notify::Sender> sender_;     ///< none while a successor has the store
    std::unique_ptr<UsageWriter> usage_writer_;  ///< none while a successor has the store
    crypto::PasswordHasher passwords_;
    management::AccessGuard guard_{passwords_};
    std::unique_ptr<management::Management> management_;
    FirstAdministrator first_;
    std::unique_ptr<admin::Dispatcher> dispatcher_;
    admin::TransportOptions admin_transport_;
    std::unique_ptr<admin::Server> admin_;
    async::SocketAddress admin_address_;
    std::atomic<bool> started_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace lintel::app
