#include "management/credential_rules.h"
#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

Result<Page<SubscriptionView>> page_of_subscriptions(store::Transaction& tx,
                                                     const store::SubscriptionQuery& query,
                                                     const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(std::vector<SubscriptionView> rows,
                     tx.subscriptions().list(query, {.after = after, .limit = limit}));
    return page_of(std::move(rows), page,
                   [](const SubscriptionView& view) { return view.subscription.id.str(); });
}

Result<OwnSubscription> with_addresses(const Management& m, store::Transaction& tx,
                                       SubscriptionView view) {
    OwnSubscription own{.view = std::move(view)};
    if (own.view.subscription.status != model::SubscriptionStatus::Approved) { return own; }
    ASSIGN_OR_RETURN(const model::Service service,
                     tx.services().get(own.view.subscription.service_id));
    ASSIGN_OR_RETURN(own.addresses, call_addresses(m, tx, service));
    return own;
}

}  // namespace

data::Json to_json(const OwnSubscription& own) {
    data::Json json = to_json(own.view);
    json["addresses"] = to_json(own.addresses);
    return json;
}

data::Json to_json(const SubscriptionView& view) {
    const auto& [subscription, application] = view;
    return {{"id", subscription.id.str()},
            {"status", std::string(name(subscription.status))},
            {"service",
             {{"id", application.service_id.str()},
              {"code", application.service_code},
              {"name", application.service_name}}},
            {"subscriber", application.applicant},
            {"credential",
             {{"id", subscription.credential_id.str()}, {"name", subscription.credential_name}}},
            {"application", application.number},
            {"reason", application.reason},
            {"applied_at", to_rfc3339(application.submitted_at)},
            {"reviewer", application.reviewer},
            {"comment", application.comment},
            {"decided_at", model::time_or_null(application.decided_at)},
            {"ended_at", model::time_or_null(subscription.ended_at)},
            {"ended_by", subscription.ended_by}};
}

Error no_such_subscription(const model::SubscriptionId& id) {
    return {.code = Code::NotFound, .message = "There is no subscription '" + id.str() + "'."};
}

Result<SubscriptionView> load_own_subscription(store::Transaction& tx, const Caller& caller,
                                               const model::SubscriptionId& id) {
    ASSIGN_OR_RETURN(std::optional<SubscriptionView> view, tx.subscriptions().find(id));
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    if (!view || view->subscription.user_id != caller.user().id ||
        view->application.gateway_id != gateway.id) {
        return fail(no_such_subscription(id));
    }
    return *std::move(view);
}

Result<Page<SubscriptionView>> list_subscribers(Management& m, const Caller& caller,
                                                const std::string& service,
                                                const SubscriptionFilter& filter,
                                                const PageRequest& page) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadSubscriber, service, {}));
    return page_of_subscriptions(
        tx, {.service_id = found.id, .status = filter.status, .subscriber = filter.subscriber},
        page);
}

Result<Page<OwnSubscription>> list_subscriptions(Management& m, const Caller& caller,
                                                 const std::optional<model::CredentialId>& of,
                                                 const SubscriptionFilter& filter,
                                                 const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadSubscription));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    store::SubscriptionQuery query{.status = filter.status};
    if (of) {
        ASSIGN_OR_RETURN(const model::Credential credential,
                         load_credential(tx, caller, CredentialAccess::Read, {.credential = *of}));
        query.credential_id = credential.id;
    } else {
        ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
        query.user_id = caller.user().id;
        query.gateway_id = gateway.id;
    }
    ASSIGN_OR_RETURN(Page<SubscriptionView> found, page_of_subscriptions(tx, query, page));
    Page<OwnSubscription> own{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (SubscriptionView& view : found.items) {
        ASSIGN_OR_RETURN(OwnSubscription item, with_addresses(m, tx, std::move(view)));
        own.items.push_back(std::move(item));
    }
    return own;
}

Result<OwnSubscription> show_subscription(Management& m, const Caller& caller,
                                          const model::SubscriptionId& id) {
    RETURN_IF_ERROR(caller.require(Permission::ReadSubscription));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(SubscriptionView view, load_own_subscription(tx, caller, id));
    return with_addresses(m, tx, std::move(view));
}

}  // namespace lintel::management
