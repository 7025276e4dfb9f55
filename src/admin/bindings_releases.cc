// Publishing: releases, deployments, and the history of both.
#include <fmt/core.h>

#include <algorithm>

#include "admin/bindings.h"
#include "admin/problem.h"
#include "management/batch.h"
#include "management/comparison.h"
#include "management/releases.h"

namespace lintel::admin {

namespace {

using data::Json;

Json to_json(const management::DeploymentView& view) {
    return model::to_json(view.deployment, view.environment);
}

Answer deployment_list(const management::ServiceView& view) {
    Answer answer = list_answer(view.deployments, [](const auto& item) { return to_json(item); });
    answer.version = view.service.version;
    return answer;
}

Result<Answer> one_deployment(const management::ServiceView& view, std::string_view environment) {
    const auto found =
        std::ranges::find(view.deployments, environment, &management::DeploymentView::environment);
    if (found == view.deployments.end()) {
        return fail(Code::NotFound, fmt::format("Service '{}' has never been published to '{}'",
                                                view.service.code, environment));
    }
    return Answer::shown(to_json(*found), view.service.version);
}

Result<Answer> list_releases(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_releases(call.management, *call.caller,
                                               call.path_text("service"), call.page()));
    return page_answer(page, [](const management::ReleaseSummary& summary) {
        return management::to_json(summary);
    });
}

Result<Answer> show_release(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Release release,
        management::show_release(call.management, *call.caller, call.path_text("service"),
                                 call.path.at("release").get<std::int64_t>()));
    return Answer::shown(management::to_json(release));
}

Result<Answer> publish_service(const Call& call) {
    const management::PublishRequest request{.service = call.path_text("service"),
                                             .environments = call.body_texts("environments"),
                                             .release = call.body_integer("release"),
                                             .note = call.body_text("note").value_or(""),
                                             .expected = call.expected};
    ASSIGN_OR_RETURN(const auto written,
                     management::publish(call.management, *call.caller, request));
    const model::Release& release = written.value.release;
    const management::ReleaseSummary summary{.number = release.number,
                                             .note = release.note,
                                             .created_at = release.created_at,
                                             .created_by = release.created_by};
    Json deployments = Json::array();
    for (const management::DeploymentView& view : written.value.deployments) {
        deployments.push_back(to_json(view));
    }
    return Answer::created({{"release", management::to_json(summary)},
                            {"deployments", std::move(deployments)},
                            {"revision", written.revision}},
                           fmt::format("{}/services/{}/releases/{}", call.gateway_path(),
                                       request.service, release.number),
                           written.revision);
}

Result<Answer> list_deployments(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::ServiceView view,
        management::show_service(call.management, *call.caller, call.path_text("service")));
    return deployment_list(view);
}

Result<Answer> show_deployment(const Call& call) {
    ASSIGN_OR_RETURN(
        const management::ServiceView view,
        management::show_service(call.management, *call.caller, call.path_text("service")));
    return one_deployment(view, call.path_text("environment"));
}

Result<management::Written<management::ServiceView>> set_state(
    const Call& call, management::DeploymentRequest request) {
    request.service = call.path_text("service");
    request.note = call.body_text("note").value_or("");
    request.expected = call.expected;
    return call.body_text("state") == "running"
               ? management::start(call.management, *call.caller, request)
               : management::stop(call.management, *call.caller, request);
}

Result<Answer> change_deployments(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     set_state(call, {.environments = call.body_texts("environments")}));
    Answer answer = deployment_list(written.value);
    answer.revision = written.revision;
    return answer;
}

Result<Answer> change_deployment(const Call& call) {
    const std::string& environment = call.path_text("environment");
    ASSIGN_OR_RETURN(const auto written, set_state(call, {.environment = environment}));
    ASSIGN_OR_RETURN(Answer answer, one_deployment(written.value, environment));
    answer.revision = written.revision;
    return answer;
}

Result<Answer> roll_back_deployment(const Call& call) {
    const management::RollBackRequest request{.service = call.path_text("service"),
                                              .environment = call.path_text("environment"),
                                              .release = call.body_integer("release").value_or(0),
                                              .note = call.body_text("note").value_or(""),
                                              .expected = call.expected};
    ASSIGN_OR_RETURN(const auto written,
                     management::roll_back(call.management, *call.caller, request));
    ASSIGN_OR_RETURN(Answer answer, one_deployment(written.value, request.environment));
    answer.revision = written.revision;
    return answer;
}

Result<Answer> list_release_records(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_release_records(call.management, *call.caller,
                                                      call.path_text("service"), call.page()));
    return page_answer(page,
                       [](const model::ReleaseRecord& record) { return model::to_json(record); });
}

Result<Answer> compare_releases(const Call& call) {
    ASSIGN_OR_RETURN(const management::Comparison comparison,
                     management::compare_copies(call.management, *call.caller,
                                                {.service = call.path_text("service"),
                                                 .from = call.query_text("from").value_or(""),
                                                 .to = call.query_text("to").value_or("")}));
    return Answer::shown(management::to_json(comparison));
}

Result<Answer> change_services(const Call& call) {
    const management::BatchRequest request{
        .action = management::parse_batch_action(call.body_text("action").value_or(""))
                      .value_or(management::BatchAction::Stop),
        .services = call.body_texts("services"),
        .environments = call.body_texts("environments"),
        .note = call.body_text("note").value_or("")};
    ASSIGN_OR_RETURN(const auto written,
                     management::run_batch(call.management, *call.caller, request));
    Json items = Json::array();
    for (const management::BatchItem& item : written.value) {
        Json row{{"service", item.service}, {"done", !item.refusal}};
        if (item.refusal) { row["problem"] = to_problem(*item.refusal, call.client.request_id); }
        items.push_back(std::move(row));
    }
    return Answer::written({{"items", std::move(items)}, {"revision", written.revision}},
                           std::nullopt, written.revision);
}

}  // namespace

std::vector<Binding> release_bindings() {
    return {
        {"listReleases", list_releases},
        {"publishService", publish_service},
        {"showRelease", show_release},
        {"listDeployments", list_deployments},
        {"changeDeployments", change_deployments},
        {"showDeployment", show_deployment},
        {"changeDeployment", change_deployment},
        {"rollBackDeployment", roll_back_deployment},
        {"listReleaseRecords", list_release_records},
        {"compareReleases", compare_releases},
        {"changeServices", change_services},
    };
}

}  // namespace lintel::admin
