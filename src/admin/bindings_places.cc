// Environments and service groups.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/places.h"

namespace lintel::admin {

namespace {

Answer environment_answer(const management::Written<model::Environment>& written) {
    return Answer::written(model::to_json(written.value), written.value.version, written.revision);
}

Result<Answer> list_environments(const Call& call) {
    ASSIGN_OR_RETURN(const auto list, management::list_environments(call.management, *call.caller));
    return list_answer(list, [](const model::Environment& item) { return model::to_json(item); });
}

Result<Answer> create_environment(const Call& call) {
    const std::string code = call.body_text("code").value_or("");
    ASSIGN_OR_RETURN(const auto written,
                     management::create_environment(call.management, *call.caller, code,
                                                    call.body_text("name").value_or(code)));
    return environment_answer(written).made_at(
        fmt::format("{}/environments/{}", call.gateway_path(), written.value.code));
}

Result<Answer> show_environment(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Environment environment,
        management::show_environment(call.management, *call.caller, call.path_text("environment")));
    return Answer::shown(model::to_json(environment), environment.version);
}

Result<Answer> edit_environment(const Call& call) {
    management::EnvironmentEdit edit{.name = call.body_text("name")};
    if (const auto status = call.body_text("status")) {
        edit.status = model::parse_environment_status(*status);
    }
    ASSIGN_OR_RETURN(const auto written, management::edit_environment(call.management, *call.caller,
                                                                      call.path_text("environment"),
                                                                      edit, call.expected));
    return environment_answer(written);
}

Result<Answer> delete_environment(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_environment(call.management, *call.caller,
                                                    call.path_text("environment"), call.expected));
    return Answer::gone(written.revision);
}

Result<Answer> list_groups(const Call& call) {
    ASSIGN_OR_RETURN(const auto list, management::list_groups(call.management, *call.caller,
                                                              call.query_text("project")));
    return list_answer(list, [](const model::Group& item) { return model::to_json(item); });
}

Result<Answer> create_group(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto written,
        management::create_group(call.management, *call.caller, call.body_text("project"),
                                 call.body_text("name").value_or("")));
    return Answer::created(
        model::to_json(written.value),
        fmt::format("{}/service-groups/{}", call.gateway_path(), written.value.id.str()),
        written.revision);
}

Result<Answer> delete_group(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_group(call.management, *call.caller,
                                              call.query_text("project"), call.path_text("group")));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> place_bindings() {
    return {
        {"listEnvironments", list_environments},
        {"createEnvironment", create_environment},
        {"showEnvironment", show_environment},
        {"editEnvironment", edit_environment},
        {"deleteEnvironment", delete_environment},
        {"listGroups", list_groups},
        {"createGroup", create_group},
        {"deleteGroup", delete_group},
    };
}

}  // namespace lintel::admin
