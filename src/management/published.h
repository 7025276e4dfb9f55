// What the data plane must know, read from the store in one consistent view. The compiler turns it
// into a snapshot.
#pragma once

#include <vector>

#include "base/error.h"
#include "model/credential.h"
#include "model/place.h"
#include "model/service.h"

namespace lintel::store {
class Store;
}

namespace lintel::management {

/// One running deployment with the release it points at.
struct PublishedService {
    model::Service service;
    model::Environment environment;
    model::Release release;
    model::Deployment deployment;
};

/// The credentials of a service with their secrets unsealed; disabled ones too, so that a refusal
/// can say why.
struct ServiceCredentials {
    model::ServiceId service_id;
    std::vector<model::Credential> credentials;
    std::vector<model::Grant> grants;
};

struct PublishedState {
    std::vector<model::Environment> environments;
    std::vector<PublishedService> services;
    std::vector<ServiceCredentials> credentials;  ///< one entry per service that has any
};

/// Everything; for the start of the data plane.
Result<PublishedState> load_published(store::Store& store);
/// The running deployments of one service, one per environment; empty: it is stopped or gone.
Result<std::vector<PublishedService>> load_published_service(store::Store& store,
                                                             const model::ServiceId& service_id);
Result<ServiceCredentials> load_credentials(store::Store& store,
                                            const model::ServiceId& service_id);

}  // namespace lintel::management
