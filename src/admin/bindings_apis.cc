// The APIs and API groups of a draft.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/apis.h"

namespace lintel::admin {

namespace {

management::ServiceCopy copy_of(const Call& call) {
    return {.service = call.path_text("service"), .release = call.query_integer("release")};
}

model::ApiId api_id(const Call& call) {
    return model::ApiId(call.path_text("api"));
}

Answer api_answer(const management::Written<management::ApiView>& written) {
    return Answer::written(to_json(written.value.api), written.value.service_version,
                           written.revision);
}

Result<Answer> list_apis(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_apis(call.management, *call.caller, copy_of(call),
                                           call.query_labels(), call.page()));
    return page_answer(page, [](const model::ApiDefinition& api) { return to_json(api); });
}

Result<Answer> create_api(const Call& call) {
    ASSIGN_OR_RETURN(const model::ApiDefinition api, model::api_definition_from_json(call.body));
    ASSIGN_OR_RETURN(const auto written,
                     management::create_api(call.management, *call.caller,
                                            call.path_text("service"), api, std::nullopt));
    return api_answer(written).made_at(fmt::format("{}/services/{}/apis/{}", call.gateway_path(),
                                                   call.path_text("service"),
                                                   written.value.api.id.str()));
}

Result<Answer> show_api(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::ApiView view,
        management::show_api(call.management, *call.caller, copy_of(call), api_id(call)));
    return Answer::shown(to_json(view.api), view.service_version);
}

Result<Answer> replace_api(const Call& call) {
    ASSIGN_OR_RETURN(const model::ApiDefinition api, model::api_definition_from_json(call.body));
    ASSIGN_OR_RETURN(const auto written, management::replace_api(call.management, *call.caller,
                                                                 call.path_text("service"),
                                                                 api_id(call), api, call.expected));
    return api_answer(written);
}

Result<Answer> edit_api(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::edit_api(call.management, *call.caller, call.path_text("service"),
                                          api_id(call), call.body, call.expected));
    return api_answer(written);
}

Result<Answer> delete_api(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::delete_api(call.management, *call.caller,
                                                                call.path_text("service"),
                                                                api_id(call), call.expected));
    Answer answer = Answer::gone(written.revision);
    answer.version = written.value.service_version;
    return answer;
}

Result<Answer> list_api_groups(const Call& call) {
    ASSIGN_OR_RETURN(const auto groups,
                     management::list_api_groups(call.management, *call.caller, copy_of(call)));
    return list_answer(groups, [](const model::ApiGroup& group) { return to_json(group); });
}

Result<Answer> create_api_group(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto written,
        management::create_api_group(call.management, *call.caller, call.path_text("service"),
                                     call.body_text("name").value_or(""), std::nullopt));
    return Answer::created(to_json(written.value),
                           fmt::format("{}/services/{}/api-groups/{}", call.gateway_path(),
                                       call.path_text("service"), written.value.id),
                           written.revision);
}

Result<Answer> rename_api_group(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::rename_api_group(
                                             call.management, *call.caller,
                                             call.path_text("service"), call.path_text("api_group"),
                                             call.body_text("name").value_or(""), call.expected));
    return Answer::written(to_json(written.value), std::nullopt, written.revision);
}

Result<Answer> delete_api_group(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto written,
        management::delete_api_group(call.management, *call.caller, call.path_text("service"),
                                     call.path_text("api_group"), call.expected));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> api_bindings() {
    return {
        {"listApis", list_apis},
        {"createApi", create_api},
        {"showApi", show_api},
        {"replaceApi", replace_api},
        {"editApi", edit_api},
        {"deleteApi", delete_api},
        {"listApiGroups", list_api_groups},
        {"createApiGroup", create_api_group},
        {"renameApiGroup", rename_api_group},
        {"deleteApiGroup", delete_api_group},
    };
}

}  // namespace lintel::admin
