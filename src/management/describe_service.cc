#include "data/yaml.h"
#include "management/description_file.h"
#include "management/openapi_mapping.h"
#include "management/service_copy.h"
#include "management/steps.h"
#include "openapi/write.h"

namespace lintel::management {

namespace {

/// Where the service can be called now.
Result<std::vector<Published>> find_published(Management& m, store::Transaction& tx,
                                              const model::Service& service) {
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_environments(tx, service.gateway_id));
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    std::vector<Published> published;
    for (const model::Environment& environment : environments) {
        for (const model::Deployment& deployment : deployments) {
            if (deployment.environment_id == environment.id &&
                deployment.state == model::DeploymentState::Running) {
                published.push_back(
                    {environment.name,
                     m.settings.call_base + "/" + address_of(environment) + "/" + service.code});
            }
        }
    }
    return published;
}

}  // namespace

Result<std::string> describe_service(Management& m, const Caller& caller,
                                     const DescriptionRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const LoadedCopy loaded, load_copy(tx, caller, request.copy));
    ASSIGN_OR_RETURN(const std::vector<Published> published, find_published(m, tx, loaded.service));
    const std::string version =
        loaded.release == 0 ? std::string("draft") : std::to_string(loaded.release);
    const data::Json file = openapi::write(document_of(loaded.definition, version, published),
                                           {.with_extensions = request.with_backends});
    return request.format == FileFormat::Json ? data::dump_pretty(file) : data::to_yaml(file);
}

}  // namespace lintel::management
