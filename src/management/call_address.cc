#include "management/call_address.h"

#include <algorithm>

#include "management/steps.h"

namespace lintel::management {

data::Json to_json(const std::vector<CallAddress>& addresses) {
    data::Json json = data::Json::array();
    for (const CallAddress& address : addresses) {
        json.push_back(
            {{"environment", address.environment}, {"name", address.name}, {"url", address.url}});
    }
    return json;
}

Result<std::vector<CallAddress>> call_addresses(const Management& m, store::Transaction& tx,
                                                const model::Service& service) {
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_environments(tx, service.gateway_id));
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    std::vector<CallAddress> addresses;
    for (const model::Environment& environment : environments) {
        const bool runs = std::ranges::any_of(deployments, [&](const model::Deployment& d) {
            return d.environment_id == environment.id && d.state == model::DeploymentState::Running;
        });
        if (!runs) { continue; }
        addresses.push_back(
            {environment.code, environment.name,
             m.settings.call_base + "/" + address_of(environment) + "/" + service.code});
    }
    return addresses;
}

}  // namespace lintel::management
