#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

Result<Written<SubscriptionView>> finish_subscription(Management& m, store::Transaction& tx,
                                                      const Caller& caller, SubscriptionView view,
                                                      std::string_view action) {
    RETURN_IF_ERROR(record(tx, m, caller, action, subject_of(view), {nullptr, to_json(view)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh(model::change_of({.user_id = view.subscription.user_id}));
    return Written<SubscriptionView>{std::move(view), revision};
}

}  // namespace

Result<Written<SubscriptionView>> unsubscribe(Management& m, const Caller& caller,
                                              const model::SubscriptionId& id) {
    RETURN_IF_ERROR(caller.require(Permission::WriteSubscription));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(SubscriptionView view, load_own_subscription(tx, caller, id));
    if (view.subscription.status == model::SubscriptionStatus::Pending) {
        RETURN_IF_ERROR(settle(m, tx, caller, view.application, model::ApplicationEvent::Withdraw));
        view.subscription.status = model::SubscriptionStatus::Withdrawn;
    } else {
        RETURN_IF_ERROR(move_subscription(m, tx, caller, view.subscription,
                                          model::SubscriptionEvent::Unsubscribe));
    }
    return finish_subscription(m, tx, caller, std::move(view), "subscription.unsubscribe");
}

Result<Written<SubscriptionView>> remove_subscription(Management& m, const Caller& caller,
                                                      const std::string& service,
                                                      const model::SubscriptionId& id) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::WriteSubscriber, service, {}));
    ASSIGN_OR_RETURN(std::optional<SubscriptionView> view, tx.subscriptions().find(id));
    if (!view || view->subscription.service_id != found.id) {
        return fail(no_such_subscription(id));
    }
    RETURN_IF_ERROR(
        move_subscription(m, tx, caller, view->subscription, model::SubscriptionEvent::Remove));
    return finish_subscription(m, tx, caller, *std::move(view), "subscription.remove");
}

}  // namespace lintel::management
