#include "management/published.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "management/upstreams.h"
#include "store/store.h"

namespace lintel::management {

namespace {

/// A deployment with what it points at; nullopt when that cannot be read: one damaged row must not
/// keep the others from being served. A store that went away meanwhile says nothing about the row.
Result<std::optional<PublishedService>> load_one(
    store::Transaction& tx, const std::vector<model::Environment>& environments,
    const model::Deployment& deployment) {
    const auto environment =
        std::ranges::find(environments, deployment.environment_id, &model::Environment::id);
    if (environment == environments.end()) { return std::nullopt; }
    Result<model::Service> service = tx.services().get(deployment.service_id);
    Result<model::Release> release = tx.releases().get(deployment.service_id, deployment.release);
    if (!service || !release) {
        const Error& error = service ? release.error() : service.error();
        if (error.code == Code::StoreUnavailable) { return fail(error); }
        log::error("deployment cannot be read", {{"service", deployment.service_id.str()},
                                                 {"release", deployment.release},
                                                 {"environment", environment->code},
                                                 {"error", error.message},
                                                 {"cause", error.cause}});
        return std::nullopt;
    }
    return std::optional(
        PublishedService{*std::move(service), *environment, *std::move(release), deployment});
}

Result<std::string> code_of(store::Transaction& tx, const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const model::Service service, tx.services().get(id));
    return service.code;
}

Result<std::vector<PublishedDomain>> domains_in(store::Transaction& tx) {
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments, tx.environments().all());
    std::map<model::EnvironmentId, std::string> codes;
    for (const model::Environment& environment : environments) {
        codes.emplace(environment.id, address_of(environment));
    }
    ASSIGN_OR_RETURN(std::vector<model::Domain> domains, tx.domains().all());
    std::map<model::ServiceId, std::string> services;
    std::vector<PublishedDomain> published;
    for (model::Domain& domain : domains) {
        std::vector<PublishedDomain::Target> targets;
        for (const model::PathMapping& mapping : domain.mappings) {
            auto [service, is_new] = services.try_emplace(mapping.service_id);
            if (is_new) { ASSIGN_OR_RETURN(service->second, code_of(tx, mapping.service_id)); }
            targets.push_back(
                {.service = service->second, .environment = codes[mapping.environment_id]});
        }
        published.push_back({std::move(domain), std::move(targets)});
    }
    return published;
}

}  // namespace

Result<store::News> load_news(store::Store& store, std::int64_t since) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    return tx.changes().after(since);
}

Result<std::vector<model::Environment>> load_environments(store::Store& store) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    return tx.environments().all();
}

Status load_published(store::Store& store, const PublishedVisitor& visitor) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    PublishedBase base;
    ASSIGN_OR_RETURN(base.certificates, tx.certificates().unsealed());
    ASSIGN_OR_RETURN(base.domains, domains_in(tx));
    ASSIGN_OR_RETURN(base.upstreams, tx.upstreams().all());
    visitor.base(std::move(base));
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments, tx.environments().all());
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> running, tx.deployments().running());
    for (const model::Deployment& deployment : running) {
        ASSIGN_OR_RETURN(auto service, load_one(tx, environments, deployment));
        if (service) { visitor.service(*std::move(service)); }
    }
    return {};
}

Result<std::vector<PublishedService>> load_published_service(store::Store& store,
                                                             const model::ServiceId& service_id) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments, tx.environments().all());
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service_id));
    std::vector<PublishedService> services;
    for (const model::Deployment& deployment : deployments) {
        if (deployment.state != model::DeploymentState::Running) { continue; }
        ASSIGN_OR_RETURN(auto service, load_one(tx, environments, deployment));
        if (service) { services.push_back(*std::move(service)); }
    }
    return services;
}

Status load_credentials(store::Store& store, const std::optional<model::CredentialOwner>& owner,
                        const CredentialVisitor& visitor) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    RETURN_IF_ERROR(tx.credentials().each_unsealed(owner, visitor.credential));
    return tx.grants().each(owner, visitor.grant);
}

Result<std::vector<PublishedDomain>> load_domains(store::Store& store) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    return domains_in(tx);
}

Result<std::optional<model::Certificate>> load_certificate(store::Store& store,
                                                           const model::CertificateId& id) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    Result<model::Certificate> found = tx.certificates().get(id, store::Secrets::Unsealed);
    if (found) { return std::optional(*std::move(found)); }
    if (found.error().code == Code::NotFound) { return std::optional<model::Certificate>(); }
    return std::unexpected(std::move(found).error());
}

Result<std::vector<model::Upstream>> load_upstreams(store::Store& store) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.read());
    return tx.upstreams().all();
}

}  // namespace lintel::management
