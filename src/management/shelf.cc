#include "management/shelf.h"

#include <algorithm>
#include <limits>

#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxRemark = 500;

bool gives_right(model::SubscriptionStatus status) {
    return status == model::SubscriptionStatus::Approved;
}

/// Pending ones go without their reviewer, and their applications are closed; both or neither.
Status end_one(Management& m, store::Transaction& tx, const Caller& caller,
               store::SubscriptionRow& row) {
    const bool was_pending = !gives_right(row.subscription.status);
    RETURN_IF_ERROR(
        move_subscription(m, tx, caller, row.subscription, model::SubscriptionEvent::End));
    if (was_pending) {
        RETURN_IF_ERROR(move_application(m, tx, row.application, model::ApplicationEvent::Close));
    }
    return record(tx, m, caller, "subscription.end", subject_of(row), {nullptr, to_json(row)});
}

}  // namespace

Status move_listing(store::Transaction& tx, const model::Service& service, model::Listing& listing,
                    model::ListingEvent event) {
    const auto moved = model::transition(listing.status, event);
    if (!moved.to) {
        return fail(Code::ListingConflict,
                    "The service '" + service.code + "': " + std::string(moved.refusal) + ".");
    }
    listing.status = *moved.to;
    return tx.listings().save(listing);
}

Status move_application(Management& m, store::Transaction& tx, model::Application& application,
                        model::ApplicationEvent event) {
    const auto moved = model::transition(application.status, event);
    if (!moved.to) {
        return fail(Code::ApplicationDecided, "The application " +
                                                  std::to_string(application.number) + ": " +
                                                  std::string(moved.refusal) + ".");
    }
    application.status = *moved.to;
    application.decided_at = m.clock.now_ms();
    return tx.applications().save(application);
}

Status move_subscription(Management& m, store::Transaction& tx, const Caller& caller,
                         model::Subscription& subscription, model::SubscriptionEvent event) {
    const auto moved = model::transition(subscription.status, event);
    if (!moved.to) {
        return fail(Code::SubscriptionConflict,
                    "This is not possible: " + std::string(moved.refusal) + ".");
    }
    const bool had_right = gives_right(subscription.status);
    subscription.status = *moved.to;
    if (had_right) {
        RETURN_IF_ERROR(tx.grants().remove(subscription.grant_id));
        subscription.grant_id = {};
        subscription.ended_at = m.clock.now_ms();
        subscription.ended_by = caller.name();
    } else if (gives_right(subscription.status)) {
        subscription.grant_id = model::GrantId(make_id("gra"));
        RETURN_IF_ERROR(tx.grants().add({.id = subscription.grant_id,
                                         .credential_id = subscription.credential_id,
                                         .service_id = subscription.service_id,
                                         .api_id = {},
                                         .environments = {}}));
    }
    return tx.subscriptions().save(subscription);
}

Status end_subscriptions(Management& m, store::Transaction& tx, const Caller& caller,
                         const store::SubscriptionQuery& query) {
    store::SubscriptionQuery open = query;
    open.only_open = true;
    ASSIGN_OR_RETURN(
        std::vector<store::SubscriptionRow> rows,
        tx.subscriptions().list(open, {.after = "", .limit = std::numeric_limits<int>::max()}));
    for (store::SubscriptionRow& row : rows) {
        RETURN_IF_ERROR(end_one(m, tx, caller, row));
    }
    return {};
}

Status leave_shelf(Management& m, store::Transaction& tx, const Caller& caller,
                   const model::Service& service) {
    ASSIGN_OR_RETURN(model::Listing listing, tx.listings().get(service.id));
    RETURN_IF_ERROR(move_listing(tx, service, listing, model::ListingEvent::Delete));
    return end_subscriptions(m, tx, caller, {.service_id = service.id});
}

Status require_running(store::Transaction& tx, const model::Service& service) {
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    const bool runs = std::ranges::any_of(deployments, [](const model::Deployment& deployment) {
        return deployment.state == model::DeploymentState::Running;
    });
    if (runs) { return {}; }
    return fail(Code::ServiceNotRunning,
                "The service '" + service.code + "' runs in no environment.");
}

Status check_remark(const std::string& text, const std::string& pointer) {
    if (model::character_count(text) <= kMaxRemark) { return {}; }
    return invalid_field(pointer, "field.length", "may have at most 500 characters");
}

Subject subject_of(const model::Application& application) {
    return {.type = "application",
            .id = std::to_string(application.number),
            .name = application.service_code,
            .project = application.project_id};
}

Subject subject_of(const SubscriptionView& view) {
    return {.type = "subscription",
            .id = view.subscription.id.str(),
            .name = view.application.service_code,
            .project = view.application.project_id};
}

}  // namespace lintel::management
