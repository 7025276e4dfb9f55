// Services, drafts, import and description files.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/description_file.h"
#include "management/import_file.h"
#include "management/services.h"

namespace lintel::admin {

namespace {

using data::Json;

std::string service_address(const Call& call, std::string_view service) {
    return fmt::format("{}/services/{}", call.gateway_path(), service);
}

Answer service_answer(const management::Written<management::ServiceView>& written) {
    return Answer::written(to_json(written.value), written.value.service.version, written.revision);
}

Answer created_service(const Call& call,
                       const management::Written<management::ServiceView>& written) {
    Answer answer =
        Answer::created(to_json(written.value),
                        service_address(call, written.value.service.id.str()), written.revision);
    answer.version = written.value.service.version;
    return answer;
}

Result<Answer> list_services(const Call& call) {
    management::ServiceFilter filter{.project = call.query_text("project"),
                                     .name = call.query_text("name"),
                                     .status = std::nullopt,
                                     .group = call.query_text("group"),
                                     .protocol = std::nullopt,
                                     .labels = call.query_labels(),
                                     .query = call.query_text("q").value_or("")};
    if (const auto text = call.query_text("status")) {
        filter.status = model::parse_service_status(*text);
    }
    if (const auto text = call.query_text("protocol")) {
        filter.protocol = model::parse_protocol(*text);
    }
    ASSIGN_OR_RETURN(const auto page,
                     management::list_services(call.management, *call.caller, filter, call.page()));
    return page_answer(page, [](const management::ServiceView& view) { return to_json(view); });
}

Result<Answer> create_service(const Call& call) {
    management::NewService request{
        .definition = {}, .code = call.body_text("code"), .project = call.body_text("project")};
    Json definition = call.body;
    definition.erase("code");
    definition.erase("project");
    ASSIGN_OR_RETURN(request.definition, model::service_definition_from_json(definition));
    ASSIGN_OR_RETURN(const auto written,
                     management::create_service(call.management, *call.caller, request));
    return created_service(call, written);
}

Result<Answer> clone_service(const Call& call) {
    const management::CloneRequest request{.service = call.path_text("service"),
                                           .release = call.body_integer("release"),
                                           .name = call.body_text("name").value_or(""),
                                           .code = call.body_text("code"),
                                           .project = call.body_text("project")};
    ASSIGN_OR_RETURN(const auto written,
                     management::clone_service(call.management, *call.caller, request));
    return created_service(call, written);
}

Result<Answer> show_service(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::ServiceView view,
        management::show_service(call.management, *call.caller, call.path_text("service")));
    return Answer::shown(to_json(view), view.service.version);
}

Result<Answer> edit_service(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::edit_service(call.management, *call.caller,
                                              call.path_text("service"), call.body, call.expected));
    return service_answer(written);
}

Result<Answer> delete_service(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_service(call.management, *call.caller,
                                                call.path_text("service"), call.expected));
    return Answer::gone(written.revision);
}

Result<Answer> show_draft(const Call& call) {
    const std::string& service = call.path_text("service");
    ASSIGN_OR_RETURN(const management::ServiceView view,
                     management::show_service(call.management, *call.caller, service));
    ASSIGN_OR_RETURN(const model::Draft draft,
                     management::show_draft(call.management, *call.caller, service));
    const Json body{{"definition", to_json(draft.definition)},
                    {"base_release", draft.base_release},
                    {"version", view.service.version},
                    {"updated_at", to_rfc3339(draft.updated_at)},
                    {"updated_by", draft.updated_by}};
    return Answer::shown(body, view.service.version);
}

/// Faults of a part of the body, seen from the whole body.
Error moved_under(std::string_view pointer, Error error) {
    for (Fault& fault : error.faults) {
        fault.pointer = std::string(pointer) + fault.pointer;
    }
    return error;
}

Result<Answer> replace_draft(const Call& call) {
    auto definition = model::service_definition_from_json(call.body.at("definition"));
    if (!definition) { return fail(moved_under("/definition", std::move(definition.error()))); }
    auto written = management::replace_draft(call.management, *call.caller,
                                             call.path_text("service"), *definition, call.expected);
    if (!written) { return fail(moved_under("/definition", std::move(written.error()))); }
    return service_answer(*written);
}

Result<Answer> copy_release(const Call& call) {
    const management::CopyRequest request{.service = call.path_text("service"),
                                          .release = call.body_integer("from_release"),
                                          .overwrite = call.body_flag("overwrite", false)};
    ASSIGN_OR_RETURN(const auto written,
                     management::copy_release(call.management, *call.caller, request));
    return created_service(call, written);
}

Result<std::vector<model::PluginUse>> read_policies(const Json& body) {
    std::vector<model::PluginUse> policies;
    const Json* list = data::find(body, "policies");
    if (list == nullptr) { return policies; }
    for (const Json& use : *list) {
        const Json* config = data::find(use, "config");
        policies.push_back({.kind = std::string(data::find_string(use, "kind")),
                            .config = config == nullptr ? Json::object() : *config});
    }
    return policies;
}

Json to_json(const std::vector<management::ImportWarning>& warnings) {
    Json list = Json::array();
    for (const management::ImportWarning& warning : warnings) {
        list.push_back({{"pointer", warning.pointer}, {"detail", warning.detail}});
    }
    return list;
}

Result<Answer> import_file(const Call& call) {
    management::ImportRequest request{.text = call.body_text("document").value_or(""),
                                      .name = call.body_text("name"),
                                      .code = call.body_text("code"),
                                      .group = call.body_text("group"),
                                      .project = call.body_text("project"),
                                      .mock_backends = call.body_text("backend").has_value()};
    if (const auto format = call.body_text("format")) {
        request.format = management::parse_file_format(*format);
    }
    ASSIGN_OR_RETURN(request.policies, read_policies(call.body));
    ASSIGN_OR_RETURN(const auto written,
                     management::import_file(call.management, *call.caller, request));
    const model::Service& service = written.value.service.service;
    Answer answer = Answer::created({{"service", to_json(written.value.service)},
                                     {"api_count", written.value.api_count},
                                     {"warnings", to_json(written.value.warnings)},
                                     {"revision", written.revision}},
                                    service_address(call, service.id.str()), written.revision);
    answer.version = service.version;
    return answer;
}

Result<Answer> show_description_file(const Call& call) {
    const management::FileFormat format = call.query_text("format") == "json"
                                              ? management::FileFormat::Json
                                              : management::FileFormat::Yaml;
    const management::DescriptionRequest request{
        .copy = {.service = call.path_text("service"), .release = call.query_integer("release")},
        .format = format,
        .with_backends = call.query_flag("backends")};
    ASSIGN_OR_RETURN(std::string text,
                     management::describe_service(call.management, *call.caller, request));
    return Answer{.text = std::move(text),
                  .media_type = format == management::FileFormat::Json ? "application/json"
                                                                       : "application/yaml"};
}

Result<Answer> change_description_file(const Call& call) {
    management::DescriptionEdit edit{.service = call.path_text("service"),
                                     .text = call.body_text("document").value_or(""),
                                     .dry_run = call.query_flag("dry_run"),
                                     .expected = call.expected};
    if (const auto format = call.body_text("format")) {
        edit.format = management::parse_file_format(*format);
    }
    ASSIGN_OR_RETURN(const auto written,
                     management::change_description(call.management, *call.caller, edit));
    const management::DescriptionChange& change = written.value;
    return Answer::written({{"service", to_json(change.service)},
                            {"changes", to_json(change.changes)},
                            {"warnings", to_json(change.warnings)}},
                           change.service.service.version, written.revision);
}

}  // namespace

std::vector<Binding> service_bindings() {
    return {
        {"listServices", list_services},   {"createService", create_service},
        {"showService", show_service},     {"editService", edit_service},
        {"deleteService", delete_service}, {"showDraft", show_draft},
        {"replaceDraft", replace_draft},   {"copyRelease", copy_release},
        {"importFile", import_file},       {"showDescriptionFile", show_description_file},
        {"cloneService", clone_service},   {"changeDescriptionFile", change_description_file},
    };
}

}  // namespace lintel::admin
