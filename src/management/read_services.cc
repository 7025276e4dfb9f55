#include "management/services.h"
#include "management/steps.h"
#include "management/usage.h"

namespace lintel::management {

Result<Page<ServiceView>> list_services(Management& m, const Caller& caller,
                                        const ServiceFilter& filter, const PageRequest& page) {
    RETURN_IF_ERROR(caller.require_somewhere(Permission::ReadService));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    std::optional<std::vector<model::ProjectId>> projects = caller.visible_projects();
    std::vector<model::ServiceId> beside = caller.visible_services();
    if (filter.project) {
        ASSIGN_OR_RETURN(const model::Project project,
                         load_project(tx, caller, Permission::ReadService, filter.project));
        projects = std::vector{project.id};
        beside.clear();
    }
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::vector<model::Service> services,
                     tx.services().list({.gateway = gateway.id,
                                         .projects = projects,
                                         .beside = beside,
                                         .name = filter.name,
                                         .status = filter.status,
                                         .group = filter.group,
                                         .protocol = filter.protocol,
                                         .labels = filter.labels,
                                         .text = filter.query},
                                        {.after = after, .limit = limit}));
    Page<model::Service> found =
        page_of(std::move(services), page, [](const model::Service& s) { return s.id.str(); });
    Page<ServiceView> views{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (const model::Service& service : found.items) {
        if (!caller.sees(service) || !caller.require(Permission::ReadService, service)) {
            continue;
        }
        ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
        views.items.push_back(std::move(view));
    }
    return views;
}

Result<ServiceView> show_service(Management& m, const Caller& caller, const std::string& service) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, found));
    ASSIGN_OR_RETURN(view.calls_last_hour, calls_last_hour(tx, m.clock, found.id));
    return view;
}

Result<model::Draft> show_draft(Management& m, const Caller& caller, const std::string& service) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(found.id));
    if (!draft) {
        return fail(
            Code::StateConflict,
            "The service '" + found.code + "' has no draft; copy a release into the draft first.");
    }
    return *std::move(draft);
}

}  // namespace lintel::management
