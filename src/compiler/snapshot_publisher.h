// Keeps the data plane in step with the store: the one implementation of management::Publisher.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/compile_credentials.h"
#include "compiler/compile_domains.h"
#include "compiler/compile_upstreams.h"
#include "compiler/debugger.h"
#include "compiler/usage_meter.h"
#include "gateway/gateway.h"
#include "gateway/route_table.h"
#include "management/published.h"
#include "management/publisher.h"
#include "management/usage.h"

namespace lintel::compiler {

/// What callers put before the paths of a service.
struct Addresses {
    std::string base_domain = "localhost";
    std::string https_port = {};  ///< behind the host in redirects to https: "" or ":8443"
};

/// Role: compiles what changed, shares everything else with the snapshot before, and hands the
/// result to the gateway. Owner: the app. Thread-safe; belongs to management threads. Store,
/// gateway and environment outlive it.
class SnapshotPublisher final : public management::Publisher {
public:
    /// How long a change waits for the workers. They take a snapshot between two turns of their
    /// loop, so only a stuck worker is ever that late; then it follows when it can.
    static constexpr std::chrono::milliseconds kPatience{5'000};

    SnapshotPublisher(store::Store& store, gateway::Gateway& gateway,
                      const CompileEnvironment& environment, const Addresses& addresses);
    SnapshotPublisher(const SnapshotPublisher&) = delete;
    SnapshotPublisher& operator=(const SnapshotPublisher&) = delete;

    /// Loads everything that runs and installs the first snapshot. A release that no longer
    /// compiles stops its service only. Fails when the store cannot be read.
    Status start();
    /// Makes the data plane follow what other processes did with the store, and what of this one it
    /// could not read before. To be called when that may have happened.
    Status follow();

    Status check(const management::Candidate& candidate) override;
    Status check(const model::Upstream& upstream) override;
    Result<management::DebugAnswer> debug(const management::DebugCall& call) override;
    std::uint64_t refresh(const management::Change& change) override;
    std::vector<std::string> users_of(const model::CertificateId& certificate) const override;
    std::uint64_t revision() const override;
    std::optional<management::UpstreamHealth> health(
        const model::UpstreamId& upstream) const override;

    /// Adds what was called, and with what, since it was asked before. For one thread.
    void take_usage(management::Usage& usage);

private:
    /// A deployment as it was compiled: what decides whether it must be compiled again.
    struct Installed {
        std::string code;
        std::string environment;
        std::int64_t release = 0;
        std::vector<model::LimitOrigin> limit_origins;
        /// Null: it does not compile.
        std::shared_ptr<const gateway::CompiledService> service;
        bool is_outdated = false;  ///< must be compiled again though it is the same
    };

    Status catch_up(const std::optional<management::Change>& known);
    Status load(const management::Change& change);
    Status load_everything();
    Status load_service(const model::ServiceId& id);
    Status load_credentials(const model::CredentialOwner& owner);
    Status load_domains();
    Status load_certificate(const model::CertificateId& id);
    Status load_upstreams();

    Installed compile(const management::PublishedService& published, const Installed* before);
    Status load_services();
    void take_base(const management::PublishedBase& base);
    /// Of an owner, or all there are.
    Result<CredentialsByOwner> compile_credentials(
        const std::optional<model::CredentialOwner>& owner) const;
    void rebuild_table();
    /// Gives the ids of the services that were compiled with other certificates; they are marked.
    std::vector<std::string> take_certificates(CertificateTable certificates);
    void rebuild_domains();
    /// Whether a domain leads to the service by a code it no longer has.
    bool is_renamed(const model::ServiceId& id, const std::string& code) const;
    std::int64_t install();

    store::Store& store_;
    gateway::Gateway& gateway_;
    CompileEnvironment environment_;
    Debugger debugger_;
    UsageMeter usage_meter_;

    mutable std::mutex mutex_;  ///< guards what follows; one change is compiled at a time
    std::vector<model::Environment> environments_;
    std::map<std::string, std::vector<Installed>> installed_;  ///< by service id
    CredentialsByOwner credentials_;
    gateway::RouteTable routes_;
    std::shared_ptr<const gateway::CredentialTable> table_;
    std::shared_ptr<const CertificateTable> certificates_;
    std::vector<management::PublishedDomain> published_domains_;
    DomainCompiler domain_compiler_;
    std::shared_ptr<const gateway::DomainTable> domains_;
    UpstreamCompiler upstream_compiler_;
    std::shared_ptr<const gateway::UpstreamTable> upstreams_;
    std::int64_t revision_ = 0;
    std::int64_t news_ = 0;  ///< number of the last change of the store that is in the snapshot
    bool is_stale_ = false;  ///< a change could not be read: the next one reads everything
};

}  // namespace lintel::compiler
