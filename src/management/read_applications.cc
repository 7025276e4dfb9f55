#include <charconv>

#include "management/shelf.h"
#include "management/steps.h"
#include "management/usage.h"

namespace lintel::management {

namespace {

bool may_review(const Caller& caller, const model::ProjectId& project) {
    return caller.require(Permission::ReviewApplication, project).has_value();
}

/// The projects whose applications the caller reviews; absent: all.
std::optional<std::vector<model::ProjectId>> reviewed_projects(const Caller& caller) {
    // A token may not carry the permission.
    if (!caller.require_somewhere(Permission::ReviewApplication)) {
        return std::vector<model::ProjectId>();
    }
    std::optional<std::vector<model::ProjectId>> projects = caller.visible_projects();
    if (projects) {
        std::erase_if(*projects, [&](const model::ProjectId& project) {
            return !may_review(caller, project);
        });
    }
    return projects;
}

ApplicationView view_application(const Caller& caller, model::Application application) {
    const bool may_decide = application.status == model::ApplicationStatus::Pending &&
                            may_review(caller, application.project_id);
    return {.application = std::move(application), .may_decide = may_decide};
}

Result<Impact> impact_of(const Management& m, store::Transaction& tx,
                         const model::Application& application) {
    Impact impact;
    ASSIGN_OR_RETURN(impact.subscribers,
                     tx.subscriptions().count({.service_id = application.service_id,
                                               .status = model::SubscriptionStatus::Approved}));
    ASSIGN_OR_RETURN(impact.calls_last_hour, calls_last_hour(tx, m.clock, application.service_id));
    ASSIGN_OR_RETURN(const model::Service service, tx.services().get(application.service_id));
    ASSIGN_OR_RETURN(const ServiceView view, view_service(tx, service));
    for (const DeploymentView& deployment : view.deployments) {
        if (deployment.deployment.state == model::DeploymentState::Running) {
            impact.environments.push_back(deployment.environment);
        }
    }
    return impact;
}

}  // namespace

data::Json to_json(const ApplicationView& view) {
    data::Json json = model::to_json(view.application);
    json["may_decide"] = view.may_decide;
    if (view.impact) {
        json["impact"] = {{"subscribers", view.impact->subscribers},
                          {"environments", view.impact->environments},
                          {"calls_last_hour", view.impact->calls_last_hour}};
    }
    return json;
}

Result<model::Application> load_application(store::Transaction& tx, const Caller& caller,
                                            std::int64_t number) {
    ASSIGN_OR_RETURN(std::optional<model::Application> found, tx.applications().find(number));
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    const bool is_visible =
        found && found->gateway_id == gateway.id &&
        (found->applicant_id == caller.user().id || may_review(caller, found->project_id));
    if (!is_visible) {
        return fail(Code::NotFound, "There is no application '" + std::to_string(number) + "'.");
    }
    return *std::move(found);
}

Result<Page<ApplicationView>> list_applications(Management& m, const Caller& caller,
                                                const ApplicationFilter& filter,
                                                const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadApplication));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    std::int64_t before = 0;
    std::from_chars(after.data(), after.data() + after.size(), before);
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    store::ApplicationQuery query{.gateway_id = gateway.id,
                                  .type = filter.type,
                                  .status = filter.status,
                                  .service = filter.service,
                                  .project = filter.project,
                                  .applicant = filter.applicant};
    if (filter.to_review) {
        query.projects = reviewed_projects(caller);
    } else {
        query.applicant_id = caller.user().id;
    }
    ASSIGN_OR_RETURN(std::vector<model::Application> applications,
                     tx.applications().list(query, before, limit));
    Page<model::Application> found = page_of(
        std::move(applications), page,
        [](const model::Application& application) { return std::to_string(application.number); });
    Page<ApplicationView> views{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (model::Application& application : found.items) {
        views.items.push_back(view_application(caller, std::move(application)));
    }
    return views;
}

Result<ApplicationView> show_application(Management& m, const Caller& caller, std::int64_t number) {
    RETURN_IF_ERROR(caller.require(Permission::ReadApplication));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(model::Application application, load_application(tx, caller, number));
    ApplicationView view = view_application(caller, std::move(application));
    if (view.may_decide) { ASSIGN_OR_RETURN(view.impact, impact_of(m, tx, view.application)); }
    return view;
}

}  // namespace lintel::management
