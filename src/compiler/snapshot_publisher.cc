#include "compiler/snapshot_publisher.h"

#include <algorithm>

#include "base/log.h"
#include "compiler/compile_credentials.h"
#include "gateway/snapshot.h"

namespace lintel::compiler {

namespace {

void log_stopped(const management::PublishedService& published, const Error& error) {
    const Fault* first = error.faults.empty() ? nullptr : error.faults.data();
    log::error("service stopped: its release does not compile",
               {{"service", published.service.code},
                {"environment", published.environment.code},
                {"release", published.release.number},
                {"error", error.message},
                {"faults", error.faults.size()},
                {"pointer", first == nullptr ? std::string() : first->pointer},
                {"detail", first == nullptr ? std::string() : first->detail}});
}

}  // namespace

SnapshotPublisher::SnapshotPublisher(store::Store& store, gateway::Gateway& gateway,
                                     const CompileEnvironment& environment, std::string base_domain)
    : store_(store),
      gateway_(gateway),
      environment_(environment),
      routes_(std::move(base_domain)),
      table_(std::make_shared<const gateway::CredentialTable>(Credentials())) {}

Status SnapshotPublisher::start() {
    std::int64_t revision = 0;
    {
        const std::scoped_lock lock(mutex_);
        RETURN_IF_ERROR(load_everything());
        revision = install();
        log::info("published services loaded", {{"services", installed_.size()},
                                                {"routes", routes_.route_count()},
                                                {"credentials", table_->all().size()},
                                                {"revision", revision}});
    }
    if (!gateway_.await_revision(revision, kPatience)) {
        return fail(Code::StartFailed, "The workers did not take the first snapshot in time.");
    }
    return {};
}

Status SnapshotPublisher::check(const management::Candidate& candidate) {
    static const std::vector<model::LimitOrigin> no_origins;
    const auto compiled =
        compile_service({candidate.service, candidate.release, candidate.environment, no_origins},
                        environment_, Purpose::Trial);
    if (!compiled) { return std::unexpected(compiled.error()); }
    return {};
}

std::uint64_t SnapshotPublisher::refresh(const management::Change& change) {
    std::int64_t revision = 0;
    {
        const std::scoped_lock lock(mutex_);
        const Status loaded = is_stale_ ? load_everything() : load(change);
        is_stale_ = !loaded;
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

std::uint64_t SnapshotPublisher::revision() const {
    return static_cast<std::uint64_t>(gateway_.revision());
}

Status SnapshotPublisher::load(const management::Change& change) {
    switch (change.kind) {
        case management::Change::Kind::Service: return load_service(change.service_id);
        case management::Change::Kind::Credentials: return load_credentials(change.service_id);
        case management::Change::Kind::Everything: break;
    }
    return load_everything();
}

Status SnapshotPublisher::load_everything() {
    ASSIGN_OR_RETURN(management::PublishedState state, management::load_published(store_));
    environments_ = std::move(state.environments);

    std::map<std::string, std::vector<Installed>> installed;
    std::vector<std::shared_ptr<const gateway::CompiledService>> services;
    for (const management::PublishedService& published : state.services) {
        const std::string& id = published.service.id.str();
        const Installed* before = nullptr;
        for (const Installed& old : installed_[id]) {
            if (old.environment == published.environment.code) { before = &old; }
        }
        Installed now = compile(published, before);
        if (now.service != nullptr) { services.push_back(now.service); }
        installed[id].push_back(std::move(now));
    }
    installed_ = std::move(installed);
    routes_ = gateway::RouteTable::of(std::move(services), routes_.base_domain());

    credentials_.clear();
    for (const management::ServiceCredentials& credentials : state.credentials) {
        take_credentials(credentials);
    }
    rebuild_table();
    return {};
}

Status SnapshotPublisher::load_service(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const std::vector<management::PublishedService> services,
                     management::load_published_service(store_, id));
    const std::vector<Installed> before = std::move(installed_[id.str()]);
    std::vector<Installed> now;
    for (const management::PublishedService& published : services) {
        const auto old =
            std::ranges::find(before, published.environment.code, &Installed::environment);
        now.push_back(compile(published, old == before.end() ? nullptr : &*old));
        const Installed& installed = now.back();
        if (installed.service != nullptr &&
            (old == before.end() || old->service != installed.service)) {
            routes_ = routes_.with(installed.service);
        }
    }
    for (const Installed& old : before) {
        const bool is_running = std::ranges::any_of(now, [&](const Installed& installed) {
            return installed.service != nullptr && installed.code == old.code &&
                   installed.environment == old.environment;
        });
        if (!is_running) { routes_ = routes_.without(old.environment, old.code); }
    }
    if (now.empty()) {
        installed_.erase(id.str());
        // The service may be gone for good, and its credentials with it.
        return load_credentials(id);
    }
    installed_[id.str()] = std::move(now);
    return {};
}

Status SnapshotPublisher::load_credentials(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const management::ServiceCredentials credentials,
                     management::load_credentials(store_, id));
    if (credentials.credentials.empty() && !credentials_.contains(id.str())) { return {}; }
    take_credentials(credentials);
    rebuild_table();
    return {};
}

SnapshotPublisher::Installed SnapshotPublisher::compile(
    const management::PublishedService& published, const Installed* before) {
    Installed now{.code = published.service.code,
                  .environment = published.environment.code,
                  .release = published.release.number,
                  .limit_origins = published.deployment.limit_origins,
                  .service = nullptr};
    if (before != nullptr && before->service != nullptr && before->code == now.code &&
        before->release == now.release && before->limit_origins == now.limit_origins) {
        now.service = before->service;
        return now;
    }
    auto compiled = compile_service({published.service, published.release, published.environment,
                                     published.deployment.limit_origins},
                                    environment_);
    if (compiled) {
        now.service = *std::move(compiled);
    } else {
        log_stopped(published, compiled.error());
    }
    return now;
}

void SnapshotPublisher::take_credentials(const management::ServiceCredentials& credentials) {
    Credentials compiled = compile_credentials(credentials, environments_);
    if (compiled.empty()) {
        credentials_.erase(credentials.service_id.str());
    } else {
        credentials_[credentials.service_id.str()] = std::move(compiled);
    }
}

void SnapshotPublisher::rebuild_table() {
    Credentials all;
    for (const auto& [service, credentials] : credentials_) {
        all.insert(all.end(), credentials.begin(), credentials.end());
    }
    table_ = std::make_shared<const gateway::CredentialTable>(std::move(all));
}

std::int64_t SnapshotPublisher::install() {
    gateway_.install(std::make_shared<const gateway::Snapshot>(++revision_, routes_, table_));
    return revision_;
}

}  // namespace lintel::compiler
