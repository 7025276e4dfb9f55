#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

Result<model::Application> submit(Management& m, store::Transaction& tx, const Caller& caller,
                                  const model::Service& service, model::Application application) {
    RETURN_IF_ERROR(check_remark(application.reason, "/reason"));
    ASSIGN_OR_RETURN(const std::optional<model::Project> project,
                     tx.projects().find(service.gateway_id, service.project_id.str()));
    application.gateway_id = service.gateway_id;
    application.service_id = service.id;
    application.service_code = service.code;
    application.service_name = service.name;
    application.project_id = service.project_id;
    application.project_name = project ? project->name : "";
    application.applicant_id = caller.user().id;
    application.applicant = caller.name();
    application.submitted_at = m.clock.now_ms();
    RETURN_IF_ERROR(tx.applications().add(application));
    RETURN_IF_ERROR(record(tx, m, caller, "application.submit", subject_of(application),
                           {nullptr, model::to_json(application)}));
    return application;
}

data::Json to_json(const ListingView& view) {
    data::Json application = nullptr;
    if (view.application) { application = *view.application; }
    return {{"status", std::string(name(view.listing.status))},
            {"provider", view.listing.provider},
            {"listed_at", model::time_or_null(view.listing.listed_at)},
            {"subscribers", view.subscribers},
            {"application", application}};
}

Result<ListingView> show_listing(Management& m, const Caller& caller, const std::string& service) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    ListingView view;
    ASSIGN_OR_RETURN(view.listing, tx.listings().get(found.id));
    ASSIGN_OR_RETURN(view.subscribers,
                     tx.subscriptions().count(
                         {.service_id = found.id, .status = model::SubscriptionStatus::Approved}));
    ASSIGN_OR_RETURN(const std::optional<model::Application> pending,
                     tx.applications().pending_listing(found.id));
    if (pending) { view.application = pending->number; }
    return view;
}

Result<model::Application> apply_for_listing(Management& m, const Caller& caller,
                                             const ListingRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteListing, request.service, {}));
    ASSIGN_OR_RETURN(model::Listing listing, tx.listings().get(service.id));
    const bool is_launch = request.type == model::ApplicationType::Launch;
    if (is_launch) { listing.provider = caller.name(); }
    RETURN_IF_ERROR(move_listing(
        tx, service, listing,
        is_launch ? model::ListingEvent::ApplyForLaunch : model::ListingEvent::ApplyForRemoval));
    if (is_launch) { RETURN_IF_ERROR(require_running(tx, service)); }
    ASSIGN_OR_RETURN(model::Application application,
                     submit(m, tx, caller, service,
                            {.type = request.type,
                             .reason = request.reason,
                             .end_subscriptions = !is_launch && request.end_subscriptions}));
    RETURN_IF_ERROR(tx.commit());
    return application;
}

}  // namespace lintel::management
