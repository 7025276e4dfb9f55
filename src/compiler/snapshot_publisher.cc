#include "compiler/snapshot_publisher.h"

#include <algorithm>
#include <utility>

#include "base/heap.h"
#include "base/log.h"
#include "store/store.h"

namespace lintel::compiler {

namespace {

management::UpstreamHealth health_of(const gateway::UpstreamReport& report) {
    management::UpstreamHealth health{.available = report.available};
    if (report.breaker) { health.breaker = name_of(*report.breaker); }
    for (const auto& [address, server] : report.servers) {
        health.servers.push_back(
            {.address = address,
             .available = server.available,
             .passes_checks = server.up,
             .last_check = server.last_check,
             .last_check_ms_ago = static_cast<std::int64_t>(server.last_check_ms_ago),
             .ejected_for_ms = static_cast<std::int64_t>(server.ejected_for_ms),
             .ejections = static_cast<std::int64_t>(server.ejections),
             .last_failure = server.last_failure,
             .in_flight = static_cast<std::int64_t>(server.in_flight),
             .calls = static_cast<std::int64_t>(server.calls),
             .failures = static_cast<std::int64_t>(server.failures)});
    }
    return health;
}

}  // namespace

SnapshotPublisher::SnapshotPublisher(store::Store& store, gateway::Gateway& gateway,
                                     const CompileEnvironment& environment,
                                     const Addresses& addresses)
    : store_(store),
      gateway_(gateway),
      environment_(environment),
      debugger_(gateway, environment),
      usage_meter_(gateway, environment.lasting.metrics),
      routes_(addresses.base_domain),
      table_(std::make_shared<const gateway::CredentialTable>(Credentials())),
      certificates_(std::make_shared<const CertificateTable>()),
      domain_compiler_(addresses.https_port),
      domains_(std::make_shared<const gateway::DomainTable>()),
      upstream_compiler_(environment.lasting.upstreams),
      upstreams_(std::make_shared<const gateway::UpstreamTable>()) {}

Status SnapshotPublisher::start() {
    std::int64_t revision = 0;
    {
        const std::scoped_lock lock(mutex_);
        const OnLargePages on_large_pages;
        RETURN_IF_ERROR(load_everything());
        revision = install();
        log::info("published services loaded", {{"services", installed_.size()},
                                                {"routes", routes_.route_count()},
                                                {"credentials", table_->all().size()},
                                                {"domains", domains_->size()},
                                                {"upstreams", upstream_compiler_.count()},
                                                {"revision", revision}});
    }
    if (!gateway_.await_revision(revision, kPatience)) {
        return fail(Code::StartFailed, "The workers did not take the first snapshot in time.");
    }
    return {};
}

Status SnapshotPublisher::check(const management::Candidate& candidate) {
    static const std::vector<model::LimitOrigin> no_origins;
    std::shared_ptr<const CertificateTable> certificates;
    {
        const std::scoped_lock lock(mutex_);
        certificates = certificates_;
    }
    const GatewayCertificates own(*certificates, candidate.service.gateway_id);
    const auto compiled = compile_service(
        {candidate.service, candidate.release, candidate.environment, no_origins, own},
        environment_, Purpose::Trial);
    if (!compiled) { return std::unexpected(compiled.error()); }
    return {};
}

Status SnapshotPublisher::check(const model::Upstream& upstream) {
    const auto compiled = compile_upstream(upstream);
    if (!compiled) { return std::unexpected(compiled.error()); }
    return {};
}

Result<management::DebugAnswer> SnapshotPublisher::debug(const management::DebugCall& call) {
    const ServedTables served = [&] {
        const std::scoped_lock lock(mutex_);
        return ServedTables{.revision = revision_,
                            .credentials = table_,
                            .certificates = certificates_,
                            .upstreams = upstreams_};
    }();
    return debugger_.run(call, served);
}

std::uint64_t SnapshotPublisher::refresh(const management::Change& change) {
    std::int64_t revision = 0;
    {
        const std::scoped_lock lock(mutex_);
        const Status loaded = catch_up(change);
        if (!loaded) {
            // What was committed will be served after the next change that can be read.
            log::error("a change cannot be read: the data plane keeps its snapshot",
                       {{"service", change.service_id.str()},
                        {"error", loaded.error().message},
                        {"cause", loaded.error().cause}});
            return static_cast<std::uint64_t>(revision_);
        }
        revision = install();
    }
    if (!gateway_.await_revision(revision, kPatience)) {
        log::warn("a worker is late to take a snapshot", {{"revision", revision}});
    }
    return static_cast<std::uint64_t>(revision);
}

Status SnapshotPublisher::follow() {
    const auto [known, is_stale] = [&] {
        const std::scoped_lock lock(mutex_);
        return std::pair(news_, is_stale_);
    }();
    // Asked without the lock: nearly always there is nothing new.
    ASSIGN_OR_RETURN(const store::News news, management::load_news(store_, known));
    if (news.changes.empty() && !is_stale) { return {}; }
    const std::scoped_lock lock(mutex_);
    RETURN_IF_ERROR(catch_up(std::nullopt));
    install();
    return {};
}

/// Reads what is new in the store, and what the caller knows to be.
Status SnapshotPublisher::catch_up(const std::optional<management::Change>& known) {
    const OnLargePages on_large_pages;
    const auto read = [&]() -> Status {
        ASSIGN_OR_RETURN(store::News news, management::load_news(store_, news_));
        std::vector<management::Change>& changes = news.changes;
        if (known && std::ranges::find(changes, *known) == changes.end()) {
            changes.push_back(*known);
        }
        const bool everything =
            is_stale_ || std::ranges::find(changes, management::Change::Kind::Everything,
                                           &management::Change::kind) != changes.end();
        if (everything) { return load_everything(); }
        for (const management::Change& change : changes) {
            RETURN_IF_ERROR(load(change));
        }
        news_ = news.latest;
        return {};
    };
    const Status done = read();
    is_stale_ = !done;
    return done;
}

std::vector<std::string> SnapshotPublisher::users_of(
    const model::CertificateId& certificate) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> users;
    for (const auto& [id, deployments] : installed_) {
        const auto user = std::ranges::find_if(deployments, [&](const Installed& installed) {
            return installed.service != nullptr &&
                   std::ranges::find(installed.service->certificates, certificate.str()) !=
                       installed.service->certificates.end();
        });
        if (user != deployments.end()) { users.push_back("the service " + user->code); }
    }
    return users;
}

void SnapshotPublisher::take_usage(management::Usage& usage) {
    const auto table = [&] {
        const std::scoped_lock lock(mutex_);
        return table_;
    }();
    usage_meter_.add_pairs(*table, usage);
    usage_meter_.add_calls(usage);
}

std::uint64_t SnapshotPublisher::revision() const {
    return static_cast<std::uint64_t>(gateway_.revision());
}

std::optional<management::UpstreamHealth> SnapshotPublisher::health(
    const model::UpstreamId& upstream) const {
    const std::optional<gateway::UpstreamReport> report = gateway_.upstream_report(upstream.str());
    if (!report) { return std::nullopt; }
    return health_of(*report);
}

}  // namespace lintel::compiler
