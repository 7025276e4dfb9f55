#include "model/place.h"

#include "model/names.h"

namespace lintel::model {

namespace {
constexpr Names<EnvironmentStatus, 2> kEnvironmentStatuses{
    {{EnvironmentStatus::Running, "running"}, {EnvironmentStatus::Suspended, "suspended"}}};
}  // namespace

std::string_view name(EnvironmentStatus status) {
    return name_of(kEnvironmentStatuses, status);
}
std::optional<EnvironmentStatus> parse_environment_status(std::string_view text) {
    return value_of(kEnvironmentStatuses, text);
}

std::string qualified(const std::string& name, const std::string& gateway) {
    return gateway.empty() ? name : name + "." + gateway;
}

std::string address_of(const Environment& environment) {
    return qualified(environment.code, environment.gateway);
}

data::Json to_json(const Gateway& gateway) {
    return {{"id", gateway.id.str()},
            {"code", gateway.code},
            {"name", gateway.name},
            {"version", gateway.version},
            {"created_at", to_rfc3339(gateway.created_at)}};
}

data::Json to_json(const Project& project) {
    return {{"id", project.id.str()},
            {"gateway_id", project.gateway_id.str()},
            {"name", project.name},
            {"description", project.description},
            {"is_default", project.is_default},
            {"version", project.version},
            {"created_at", to_rfc3339(project.created_at)}};
}

data::Json to_json(const Environment& environment) {
    return {{"id", environment.id.str()},     {"code", environment.code},
            {"name", environment.name},       {"status", std::string(name(environment.status))},
            {"version", environment.version}, {"created_at", to_rfc3339(environment.created_at)}};
}

data::Json to_json(const Group& group) {
    return {{"id", group.id.str()},
            {"project", group.project_id.str()},
            {"name", group.name},
            {"created_at", to_rfc3339(group.created_at)}};
}

}  // namespace lintel::model
