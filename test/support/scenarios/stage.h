// A stage for plugins: one service with one api, built like the compiler builds it and called
// through the real pipeline, without sockets and with a clock that stands still.
//
//     Kinds kinds;
//     register_policies(kinds);
//     Stage stage(kinds);
//     ASSERT_TRUE(stage.publish({.policies = {{"rate_limit", R"({"limit": 1, "unit":
//     "second"})"}}})); EXPECT_EQ(stage.call({}).status, 200); EXPECT_EQ(stage.call({}).code,
//     "limit.rate");
//
// For tables of cases see scenario.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/connector.h"
#include "async/loop.h"
#include "base/clock.h"
#include "crypto/seal.h"
#include "gateway/certificate.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/plugin.h"
#include "gateway/replay_guard.h"
#include "gateway/reserved_endpoint.h"
#include "gateway/snapshot.h"
#include "gateway/token.h"
#include "gateway/upstream/upstream_registry.h"
#include "gateway/worker.h"
#include "http/client.h"

namespace lintel::scenarios {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A plugin by its name and the JSON text of its settings.
struct Named {
    std::string name;
    std::string config = "{}";
};

/// The service to publish: code "pets", environment "test", id "svc_pets", release 1.
struct ServiceSetup {
    /// The definition of its one api "api_pets".
    std::string api = R"({"method": "GET", "path": "/pets"})";
    std::vector<Named> policies = {};      ///< of the service
    std::vector<Named> api_policies = {};  ///< of the api
    Named auth = {"none"};
    std::optional<Named> backend = {};  ///< none: one that answers 200 "ok"; see Stage::seen
    std::vector<gateway::Credential> credentials = {};
    std::vector<gateway::Domain> domains = {};
    /// By slot; backends name those that upstream_registry() knows.
    std::vector<std::shared_ptr<const gateway::Upstream>> upstreams = {};
    TimeMs effective_since = 0;
    /// Changes what has no field here, right before the service is published.
    std::function<void(gateway::CompiledService&)> adjust = {};
};

struct Call {
    std::string client = "203.0.113.7";
    std::string method = "GET";
    std::string target = "/test/pets/pets";
    std::string host = "localhost";
    Headers headers = {};
    std::string body = {};
    bool secure = false;                       ///< came by TLS
    std::string tls_rules = {};                ///< under which the connection was made
    std::optional<Error> refused_head = {};    ///< the codec refused the head with this
    std::optional<Code> send_fails_with = {};  ///< the client is gone when we answer
};

struct Answer {
    int status = 0;
    Headers headers;
    std::string body;
    std::string code;  ///< of a problem document, else empty

    /// First value of the field, ignoring case; empty when there is none.
    std::string header(std::string_view name) const;
    bool has_header(std::string_view name) const;
};

/// What the stand-in backend was asked last.
struct Seen {
    int calls = 0;
    std::string method;
    std::string path;
    std::string query;
    Headers headers;
    std::string body;
};

/// What `add` registers.
gateway::Kinds kinds_of(void (*add)(gateway::Kinds&));

/// Everything a plugin may ask for, and one worker. Services may be open to all ("none"). Lives on
/// the test's thread.
class Stage {
public:
    explicit Stage(gateway::Kinds kinds,
                   std::vector<const gateway::ReservedEndpoint*> reserved = {});
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// Checks settings against their schemas, builds and installs. An error has the plugin's
    /// faults; what was published before stays then.
    Status publish(const ServiceSetup& setup);
    Answer call(const Call& call);

    FakeClock clock{1'700'000'000'000};
    Seen seen;
    gateway::TokenSealer& tokens() { return tokens_; }
    gateway::Worker& worker() { return *worker_; }
    /// Backends that call out do it on this loop, which turns while call() runs.
    async::Loop& loop() { return *loop_; }
    gateway::Counters& counters() { return counters_; }
    gateway::UpstreamRegistry& upstream_registry() { return upstreams_; }
    /// Calls look at this from now on; the test keeps it.
    void set_memory(const gateway::MemoryPressure& memory) { environment_.memory = &memory; }

private:
    class RecordingBackend;
    class Inbound;

    Result<std::shared_ptr<const gateway::CompiledService>> build(const ServiceSetup& setup);
    Result<std::shared_ptr<const gateway::Route>> build_route(
        const ServiceSetup& setup, const gateway::CompiledService& service);
    gateway::BuildContext context(const ServiceSetup& setup, const data::Json& api);

    gateway::Kinds kinds_;
    std::vector<const gateway::ReservedEndpoint*> reserved_;
    gateway::Counters counters_{10'000};
    gateway::Certificates certificates_;
    gateway::UpstreamRegistry upstreams_;
    gateway::ReplayGuard replay_guard_{10'000};
    crypto::MasterKey master_ = crypto::MasterKey::generate();
    gateway::TokenSealer tokens_{master_};
    gateway::OutboundRules outbound_;
    gateway::WorkerEnvironment environment_{clock, reserved_};
    std::vector<std::unique_ptr<const gateway::Snapshot>> snapshots_;
    std::unique_ptr<async::Loop> loop_;
    std::unique_ptr<async::Resolver> resolver_;
    std::unique_ptr<async::Connector> connector_;
    std::unique_ptr<http::ClientPool> clients_;
    std::unique_ptr<gateway::Worker> worker_;
};

}  // namespace lintel::scenarios
