#include "management/services.h"

namespace lintel::management {

data::Json to_json(const ServiceView& view) {
    const model::Service& service = view.service;
    data::Json deployments = data::Json::array();
    for (const DeploymentView& deployment : view.deployments) {
        deployments.push_back(model::to_json(deployment.deployment, deployment.environment));
    }
    data::Json latest = nullptr;
    if (service.latest_release > 0) { latest = service.latest_release; }
    data::Json json{{"id", service.id.str()},
                    {"project", service.project_id.str()},
                    {"code", service.code},
                    {"name", service.name},
                    {"description", service.description},
                    {"protocol", std::string(name(service.protocol))},
                    {"group", service.group},
                    {"labels", model::to_json(view.labels)},
                    {"status", std::string(name(view.status))},
                    {"has_draft", view.has_draft},
                    {"listing", std::string(name(view.listing))},
                    {"latest_release", latest},
                    {"deployments", deployments},
                    {"version", service.version},
                    {"created_at", to_rfc3339(service.created_at)},
                    {"created_by", service.created_by},
                    {"updated_at", to_rfc3339(service.updated_at)},
                    {"updated_by", service.updated_by}};
    if (view.calls_last_hour) { json["calls_last_hour"] = *view.calls_last_hour; }
    return json;
}

}  // namespace lintel::management
