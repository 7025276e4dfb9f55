#include "base/text.h"
#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

using model::ApplicationEvent;

std::string_view action_of(ApplicationEvent event) {
    switch (event) {
        case ApplicationEvent::Approve: return "application.approve";
        case ApplicationEvent::Reject: return "application.reject";
        case ApplicationEvent::Withdraw:
        case ApplicationEvent::Close: break;
    }
    return "application.withdraw";
}

Status settle_launch(Management& m, store::Transaction& tx, const model::Service& service,
                     ApplicationEvent event) {
    ASSIGN_OR_RETURN(model::Listing listing, tx.listings().get(service.id));
    if (event != ApplicationEvent::Approve) {
        return move_listing(tx, service, listing, model::ListingEvent::DropLaunch);
    }
    // It may have been stopped since.
    RETURN_IF_ERROR(require_running(tx, service));
    listing.listed_at = m.clock.now_ms();
    return move_listing(tx, service, listing, model::ListingEvent::Launch);
}

/// What is pending when a service leaves the catalog cannot be approved any more.
Status settle_removal(Management& m, store::Transaction& tx, const Caller& caller,
                      const model::Service& service, const model::Application& application,
                      ApplicationEvent event) {
    ASSIGN_OR_RETURN(model::Listing listing, tx.listings().get(service.id));
    if (event != ApplicationEvent::Approve) {
        return move_listing(tx, service, listing, model::ListingEvent::DropRemoval);
    }
    RETURN_IF_ERROR(move_listing(tx, service, listing, model::ListingEvent::Remove));
    store::SubscriptionQuery ending{.service_id = service.id};
    if (!application.end_subscriptions) { ending.status = model::SubscriptionStatus::Pending; }
    return end_subscriptions(m, tx, caller, ending);
}

Status settle_subscription(Management& m, store::Transaction& tx, const Caller& caller,
                           const model::Application& application, ApplicationEvent event) {
    ASSIGN_OR_RETURN(store::SubscriptionRow row,
                     tx.subscriptions().of_application(application.number));
    switch (event) {
        case ApplicationEvent::Approve:
            return move_subscription(m, tx, caller, row.subscription,
                                     model::SubscriptionEvent::Approve);
        case ApplicationEvent::Reject:
            return move_subscription(m, tx, caller, row.subscription,
                                     model::SubscriptionEvent::Reject);
        case ApplicationEvent::Withdraw:
        case ApplicationEvent::Close: break;
    }
    return move_subscription(m, tx, caller, row.subscription, model::SubscriptionEvent::Withdraw);
}

/// An administrator alone must be able to decide about what is his own; with others there, a
/// setting asks for a second person.
Status require_not_own(const Management& m, const Caller& caller,
                       const model::Application& application) {
    if (!m.settings.forbid_own_approvals || application.applicant_id != caller.user().id) {
        return {};
    }
    return fail(Code::ApplicationOwn, "You submitted the application " +
                                          std::to_string(application.number) +
                                          " yourself; somebody else has to decide about it.");
}

Status check_comment(const Decision& decision) {
    if (!decision.approves && trim(decision.comment).empty()) {
        return invalid_field("/comment", "field.required",
                             "is required: it tells the applicant why");
    }
    return check_remark(decision.comment, "/comment");
}

}  // namespace

Status settle(Management& m, store::Transaction& tx, const Caller& caller,
              model::Application& application, ApplicationEvent event) {
    RETURN_IF_ERROR(move_application(m, tx, application, event));
    ASSIGN_OR_RETURN(const model::Service service, tx.services().get(application.service_id));
    switch (application.type) {
        case model::ApplicationType::Launch:
            RETURN_IF_ERROR(settle_launch(m, tx, service, event));
            break;
        case model::ApplicationType::Remove:
            RETURN_IF_ERROR(settle_removal(m, tx, caller, service, application, event));
            break;
        case model::ApplicationType::Subscribe:
            RETURN_IF_ERROR(settle_subscription(m, tx, caller, application, event));
            break;
    }
    return record(tx, m, caller, action_of(event), subject_of(application),
                  {nullptr, model::to_json(application)});
}

Result<Written<model::Application>> decide_application(Management& m, const Caller& caller,
                                                       const Decision& decision) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Application application, load_application(tx, caller, decision.number));
    RETURN_IF_ERROR(caller.require(Permission::ReviewApplication, application.project_id));
    RETURN_IF_ERROR(check_comment(decision));
    RETURN_IF_ERROR(require_not_own(m, caller, application));
    application.reviewer = caller.name();
    application.comment = decision.comment;
    RETURN_IF_ERROR(
        settle(m, tx, caller, application,
               decision.approves ? ApplicationEvent::Approve : ApplicationEvent::Reject));
    RETURN_IF_ERROR(tx.commit());
    // One refresh reads all that the transaction changed: a removal may have ended many.
    const bool is_noticed = decision.approves && application.type != model::ApplicationType::Launch;
    const std::uint64_t revision =
        is_noticed ? m.publisher.refresh(model::change_of({.user_id = application.applicant_id}))
                   : m.publisher.revision();
    return Written<model::Application>{std::move(application), revision};
}

Result<model::Application> withdraw_application(Management& m, const Caller& caller,
                                                std::int64_t number) {
    RETURN_IF_ERROR(caller.require(Permission::WriteApplication));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Application application, load_application(tx, caller, number));
    if (application.applicant_id != caller.user().id) {
        return fail(Code::PermissionDenied, "Only '" + application.applicant +
                                                "', who submitted the application, withdraws it.");
    }
    RETURN_IF_ERROR(settle(m, tx, caller, application, ApplicationEvent::Withdraw));
    RETURN_IF_ERROR(tx.commit());
    return application;
}

}  // namespace lintel::management
