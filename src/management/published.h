// What the data plane must know, read from the store in one consistent view. The compiler turns it
// into a snapshot.
#pragma once

#include <cstdint>
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

/// The credentials of a service or a user with their secrets unsealed; disabled ones too, so that a
/// refusal can say why.
struct OwnedCredentials {
    model::CredentialOwner owner;
    std::vector<model::Credential> credentials;
    std::vector<model::Grant> grants;
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

struct PublishedState {
    std::vector<model::Environment> environments;
    std::vector<model::Certificate> certificates;  ///< with their keys
    std::vector<PublishedDomain> domains;
    std::vector<PublishedService> services;
    std::vector<OwnedCredentials> credentials;  ///< one entry per owner who has any
    std::vector<model::Upstream> upstreams;
};

/// What happened since a number (store/changes.h).
Result<store::News> load_news(store::Store& store, std::int64_t since);
/// Everything; for the start of the data plane.
Result<PublishedState> load_published(store::Store& store);
/// The running deployments of one service, one per environment; empty: it is stopped or gone.
Result<std::vector<PublishedService>> load_published_service(store::Store& store,
                                                             const model::ServiceId& service_id);
Result<OwnedCredentials> load_credentials(store::Store& store, const model::CredentialOwner& owner);
Result<std::vector<PublishedDomain>> load_domains(store::Store& store);
/// With its key; nullopt: it is gone.
Result<std::optional<model::Certificate>> load_certificate(store::Store& store,
                                                           const model::CertificateId& id);
/// All of them: they are few, and a change of one is rare.
Result<std::vector<model::Upstream>> load_upstreams(store::Store& store);

}  // namespace lintel::management
