// What the data plane must know, read from the store in one consistent view. The compiler turns it
// into a snapshot.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/certificate.h"
#include "model/credential.h"
#include "model/domain.h"
#include "model/place.h"
#include "model/service.h"
#include "model/upstream.h"

namespace lintel::store {
class Store;
struct News;
}  // namespace lintel::store

namespace lintel::management {

/// One running deployment with the release it points at.
struct PublishedService {
    model::Service service;
    model::Environment environment;
    model::Release release;
    model::Deployment deployment;
};

/// A domain with what its mappings lead to, in their order.
struct PublishedDomain {
    struct Target {
        std::string service;      ///< code
        std::string environment;  ///< as call addresses have it (model::address_of)
    };
    model::Domain domain;
    std::vector<Target> targets;
};

/// What services lean on.
struct PublishedBase {
    std::vector<model::Certificate> certificates;  ///< with their keys
    std::vector<PublishedDomain> domains;
    std::vector<model::Upstream> upstreams;
};

/// Gets everything that runs, one service at a time: all of them at once would take many times the
/// memory of what is made of them.
struct PublishedVisitor {
    std::function<void(PublishedBase)> base;  ///< first
    std::function<void(PublishedService)> service;
};

/// Gets credentials with their secrets unsealed (disabled ones too, so that a refusal can say why),
/// then their grants.
struct CredentialVisitor {
    std::function<void(model::Credential)> credential;
    std::function<void(model::Grant)> grant;
};

/// What happened since a number (store/changes.h).
Result<store::News> load_news(store::Store& store, std::int64_t since);
Result<std::vector<model::Environment>> load_environments(store::Store& store);
/// For the start of the data plane.
Status load_published(store::Store& store, const PublishedVisitor& visitor);
/// The running deployments of one service, one per environment; empty: it is stopped or gone.
Result<std::vector<PublishedService>> load_published_service(store::Store& store,
                                                             const model::ServiceId& service_id);
/// Those of a service or a user, or all there are.
Status load_credentials(store::Store& store, const std::optional<model::CredentialOwner>& owner,
                        const CredentialVisitor& visitor);
Result<std::vector<PublishedDomain>> load_domains(store::Store& store);
/// With its key; nullopt: it is gone.
Result<std::optional<model::Certificate>> load_certificate(store::Store& store,
                                                           const model::CertificateId& id);
/// All of them: they are few, and a change of one is rare.
Result<std::vector<model::Upstream>> load_upstreams(store::Store& store);

}  // namespace lintel::management
