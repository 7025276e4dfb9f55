// The catalog, and what users subscribe to in it.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "admin/credential_body.h"
#include "management/catalog.h"
#include "management/subscriptions.h"

namespace lintel::admin {

namespace {

using management::SubscriptionView;

Result<Answer> list_catalog(const Call& call) {
    management::CatalogFilter filter{.query = call.query_text("q").value_or(""),
                                     .group = call.query_text("group"),
                                     .project = call.query_text("project"),
                                     .provider = call.query_text("provider"),
                                     .auth = call.query_text("auth")};
    if (const auto protocol = call.query_text("protocol")) {
        filter.protocol = model::parse_protocol(*protocol);
    }
    if (const auto status = call.query_text("subscription")) {
        filter.subscription = model::parse_subscription_status(*status);
    }
    ASSIGN_OR_RETURN(const auto page,
                     management::list_catalog(call.management, *call.caller, filter, call.page()));
    return page_answer(page, [](const management::CatalogEntry& entry) {
        return management::summary_to_json(entry);
    });
}

Result<Answer> show_catalog_entry(const Call& call) {
    ASSIGN_OR_RETURN(const auto entry, management::show_catalog_entry(call.management, *call.caller,
                                                                      call.path_text("service")));
    return Answer::shown(management::to_json(entry));
}

Result<Answer> show_catalog_file(const Call& call) {
    const bool is_json = call.query_text("format") == "json";
    ASSIGN_OR_RETURN(std::string text,
                     management::describe_catalog_entry(
                         call.management, *call.caller, call.path_text("service"),
                         is_json ? management::FileFormat::Json : management::FileFormat::Yaml));
    return Answer{.text = std::move(text),
                  .media_type = is_json ? "application/json" : "application/yaml"};
}

Result<Answer> subscribe(const Call& call) {
    management::SubscriptionRequest request{.service = call.path_text("service"),
                                            .reason = call.body_text("reason").value_or("")};
    if (const auto credential = call.body_text("credential")) {
        request.credential = model::CredentialId(*credential);
    }
    if (const data::Json* wanted = data::find(call.body, "new_credential")) {
        ASSIGN_OR_RETURN(request.new_credential, read_new_credential(*wanted, "/new_credential"));
    }
    ASSIGN_OR_RETURN(const SubscriptionView view,
                     management::subscribe(call.management, *call.caller, request));
    return Answer::shown(management::to_json(view))
        .made_at(
            fmt::format("{}/subscriptions/{}", call.gateway_path(), view.subscription.id.str()));
}

management::SubscriptionFilter filter_of(const Call& call) {
    management::SubscriptionFilter filter{.subscriber = call.query_text("subscriber")};
    if (const auto status = call.query_text("status")) {
        filter.status = model::parse_subscription_status(*status);
    }
    return filter;
}

template <typename Item>
Answer subscriptions_answer(const management::Page<Item>& page) {
    return page_answer(page, [](const Item& item) { return management::to_json(item); });
}

Result<Answer> list_subscriptions(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_subscriptions(call.management, *call.caller, {},
                                                    filter_of(call), call.page()));
    return subscriptions_answer(page);
}

Result<Answer> list_credential_subscriptions(const Call& call) {
    ASSIGN_OR_RETURN(const auto page, management::list_subscriptions(
                                          call.management, *call.caller,
                                          model::CredentialId(call.path_text("credential")),
                                          filter_of(call), call.page()));
    return subscriptions_answer(page);
}

Result<Answer> list_subscribers(const Call& call) {
    ASSIGN_OR_RETURN(const auto page, management::list_subscribers(call.management, *call.caller,
                                                                   call.path_text("service"),
                                                                   filter_of(call), call.page()));
    return subscriptions_answer(page);
}

model::SubscriptionId subscription_of(const Call& call) {
    return model::SubscriptionId(call.path_text("subscription"));
}

Result<Answer> show_subscription(const Call& call) {
    ASSIGN_OR_RETURN(const auto own, management::show_subscription(call.management, *call.caller,
                                                                   subscription_of(call)));
    return Answer::shown(management::to_json(own));
}

Result<Answer> unsubscribe(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::unsubscribe(call.management, *call.caller, subscription_of(call)));
    return Answer::written(management::to_json(written.value), {}, written.revision);
}

Result<Answer> remove_subscription(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::remove_subscription(
                                             call.management, *call.caller,
                                             call.path_text("service"), subscription_of(call)));
    return Answer::written(management::to_json(written.value), {}, written.revision);
}

}  // namespace

std::vector<Binding> catalog_bindings() {
    return {
        {"listCatalog", list_catalog},
        {"showCatalogEntry", show_catalog_entry},
        {"showCatalogFile", show_catalog_file},
        {"subscribe", subscribe},
        {"listSubscriptions", list_subscriptions},
        {"showSubscription", show_subscription},
        {"unsubscribe", unsubscribe},
        {"listCredentialSubscriptions", list_credential_subscriptions},
        {"listSubscribers", list_subscribers},
        {"removeSubscription", remove_subscription},
    };
}

}  // namespace lintel::admin
