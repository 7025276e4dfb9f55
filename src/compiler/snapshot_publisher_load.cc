// The other half of the publisher: what changed in the store becomes the next snapshot.
#include <algorithm>
#include <future>
#include <utility>

#include "base/heap.h"
#include "base/log.h"
#include "compiler/compile_credentials.h"
#include "compiler/snapshot_publisher.h"
#include "gateway/snapshot.h"
#include "store/store.h"

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

Status SnapshotPublisher::load(const management::Change& change) {
    switch (change.kind) {
        case management::Change::Kind::Service: return load_service(change.service_id);
        case management::Change::Kind::Credentials:
            return load_credentials({change.service_id, change.user_id});
        case management::Change::Kind::Domains: return load_domains();
        case management::Change::Kind::Certificate: return load_certificate(change.certificate_id);
        case management::Change::Kind::Upstreams: return load_upstreams();
        case management::Change::Kind::Everything: break;
    }
    return load_everything();
}

Status SnapshotPublisher::load_everything() {
    // The number first: what is committed in between is read twice rather than never.
    ASSIGN_OR_RETURN(const store::News news, management::load_news(store_, news_));
    ASSIGN_OR_RETURN(environments_, management::load_environments(store_));
    // Beside the services: an installation may have very many of both.
    auto credentials = std::async(std::launch::async, [this] {
        const OnLargePages on_large_pages;
        return compile_credentials(std::nullopt);
    });
    RETURN_IF_ERROR(load_services());
    ASSIGN_OR_RETURN(credentials_, credentials.get());
    rebuild_table();
    news_ = news.latest;
    return {};
}

Status SnapshotPublisher::load_services() {
    std::map<std::string, std::vector<Installed>> installed;
    std::vector<std::shared_ptr<const gateway::CompiledService>> services;
    const auto add = [&](const management::PublishedService& published) {
        const std::string& id = published.service.id.str();
        const Installed* before = nullptr;
        for (const Installed& old : installed_[id]) {
            if (old.environment == address_of(published.environment)) { before = &old; }
        }
        Installed now = compile(published, before);
        if (now.service != nullptr) { services.push_back(now.service); }
        installed[id].push_back(std::move(now));
    };
    RETURN_IF_ERROR(management::load_published(
        store_, {.base = [this](const management::PublishedBase& base) { take_base(base); },
                 .service = add}));
    installed_ = std::move(installed);
    routes_ = gateway::RouteTable::of(std::move(services), routes_.base_domain());
    return {};
}

void SnapshotPublisher::take_base(const management::PublishedBase& base) {
    std::vector<CertificateTable::Entry> certificates;
    for (const model::Certificate& stored : base.certificates) {
        if (auto compiled = compile_certificate(stored)) {
            certificates.push_back(std::move(compiled));
        }
    }
    published_domains_ = base.domains;
    take_certificates(CertificateTable(certificates));
    upstreams_ = upstream_compiler_.compile(base.upstreams);
}

Status SnapshotPublisher::load_service(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const std::vector<management::PublishedService> services,
                     management::load_published_service(store_, id));
    const std::vector<Installed> before = std::move(installed_[id.str()]);
    std::vector<Installed> now;
    for (const management::PublishedService& published : services) {
        const auto old =
            std::ranges::find(before, address_of(published.environment), &Installed::environment);
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
        return load_credentials({.service_id = id});
    }
    const std::string code = now.front().code;
    installed_[id.str()] = std::move(now);
    return is_renamed(id, code) ? load_domains() : Status{};
}

Status SnapshotPublisher::load_credentials(const model::CredentialOwner& owner) {
    ASSIGN_OR_RETURN(CredentialsByOwner compiled, compile_credentials(owner));
    const bool had_some = credentials_.erase(owner.str()) > 0;
    if (compiled.empty() && !had_some) { return {}; }
    credentials_.merge(compiled);
    rebuild_table();
    return {};
}

Status SnapshotPublisher::load_domains() {
    ASSIGN_OR_RETURN(published_domains_, management::load_domains(store_));
    rebuild_domains();
    return {};
}

Status SnapshotPublisher::load_certificate(const model::CertificateId& id) {
    ASSIGN_OR_RETURN(const std::optional<model::Certificate> stored,
                     management::load_certificate(store_, id));
    const auto compiled = stored ? compile_certificate(*stored) : nullptr;
    const std::vector<std::string> outdated = take_certificates(
        compiled != nullptr ? certificates_->with(compiled) : certificates_->without(id.str()));
    for (const std::string& service : outdated) {
        RETURN_IF_ERROR(load_service(model::ServiceId(service)));
    }
    return {};
}

Status SnapshotPublisher::load_upstreams() {
    ASSIGN_OR_RETURN(const std::vector<model::Upstream> upstreams,
                     management::load_upstreams(store_));
    upstreams_ = upstream_compiler_.compile(upstreams);
    return {};
}

SnapshotPublisher::Installed SnapshotPublisher::compile(
    const management::PublishedService& published, const Installed* before) {
    Installed now{.code = published.service.code,
                  .environment = address_of(published.environment),
                  .release = published.release.number,
                  .limit_origins = published.deployment.limit_origins,
                  .service = nullptr};
    if (before != nullptr && before->service != nullptr && !before->is_outdated &&
        before->code == now.code && before->release == now.release &&
        before->limit_origins == now.limit_origins) {
        now.service = before->service;
        return now;
    }
    const GatewayCertificates own(*certificates_, published.service.gateway_id);
    auto compiled = compile_service({published.service, published.release, published.environment,
                                     published.deployment.limit_origins, own},
                                    environment_);
    if (compiled) {
        now.service = *std::move(compiled);
    } else {
        log_stopped(published, compiled.error());
    }
    return now;
}

Result<CredentialsByOwner> SnapshotPublisher::compile_credentials(
    const std::optional<model::CredentialOwner>& owner) const {
    CredentialCompiler compiler(environments_, *table_);
    RETURN_IF_ERROR(management::load_credentials(
        store_, owner,
        {.credential = [&](model::Credential credential) { compiler.add(std::move(credential)); },
         .grant = [&](const model::Grant& grant) { compiler.add(grant); }}));
    return compiler.take();
}

void SnapshotPublisher::rebuild_table() {
    Credentials all;
    for (const auto& [owner, credentials] : credentials_) {
        all.insert(all.end(), credentials.begin(), credentials.end());
    }
    table_ = std::make_shared<const gateway::CredentialTable>(std::move(all));
}

std::vector<std::string> SnapshotPublisher::take_certificates(CertificateTable certificates) {
    const auto is_same = [&](const std::string& id) {
        const auto before = certificates_->find(id);
        const auto now = certificates.find(id);
        return before != nullptr && now != nullptr && before->version == now->version;
    };
    std::vector<std::string> outdated;
    for (auto& [id, deployments] : installed_) {
        for (Installed& installed : deployments) {
            // One that does not compile may have missed just a certificate.
            installed.is_outdated = installed.service == nullptr ||
                                    !std::ranges::all_of(installed.service->certificates, is_same);
        }
        if (std::ranges::any_of(deployments, &Installed::is_outdated)) { outdated.push_back(id); }
    }
    certificates_ = std::make_shared<const CertificateTable>(std::move(certificates));
    rebuild_domains();
    return outdated;
}

void SnapshotPublisher::rebuild_domains() {
    domains_ = domain_compiler_.compile(published_domains_, *certificates_);
}

bool SnapshotPublisher::is_renamed(const model::ServiceId& id, const std::string& code) const {
    for (const management::PublishedDomain& domain : published_domains_) {
        for (std::size_t i = 0; i < domain.targets.size(); ++i) {
            if (domain.domain.mappings[i].service_id != id) { continue; }
            if (domain.targets[i].service != code) { return true; }
        }
    }
    return false;
}

std::int64_t SnapshotPublisher::install() {
    gateway_.install(std::make_shared<const gateway::Snapshot>(++revision_, routes_, table_,
                                                               domains_, upstreams_));
    return revision_;
}

}  // namespace lintel::compiler
