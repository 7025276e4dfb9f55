#include "management/webhook_rules.h"

namespace lintel::management {

namespace {

/// The projects whose webhooks the caller reads; absent: all, and those of no project.
Result<std::optional<std::vector<model::ProjectId>>> heard_projects(
    store::Transaction& tx, const Caller& caller, const std::optional<std::string>& project) {
    if (project) {
        ASSIGN_OR_RETURN(const model::Project one,
                         load_project(tx, caller, Permission::ReadWebhook, project));
        return std::optional(std::vector{one.id});
    }
    const Status in_all = caller.require(Permission::ReadWebhook);
    if (in_all) { return std::optional<std::vector<model::ProjectId>>(); }
    std::vector<model::ProjectId> projects =
        caller.visible_projects().value_or(std::vector<model::ProjectId>());
    std::erase_if(projects, [&](const model::ProjectId& id) {
        return !caller.require(Permission::ReadWebhook, id);
    });
    if (projects.empty()) { return std::unexpected(in_all.error()); }
    return std::optional(std::move(projects));
}

}  // namespace

Subject subject_of(const model::Webhook& webhook) {
    return {.type = "webhook",
            .id = webhook.id.str(),
            .name = webhook.name,
            .project = webhook.project_id};
}

Result<model::Webhook> load_webhook(store::Transaction& tx, const Caller& caller,
                                    Permission permission, const model::WebhookId& id,
                                    ExpectedVersion expected, store::Secrets secrets) {
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::optional<model::Webhook> webhook, tx.webhooks().find(id, secrets));
    const bool is_seen =
        webhook && webhook->gateway_id == gateway.id &&
        (webhook->project_id.empty() ? caller.require(Permission::ReadWebhook).has_value()
                                     : caller.sees(webhook->project_id));
    if (!is_seen) { return fail(Code::NotFound, "There is no webhook '" + id.str() + "'."); }
    RETURN_IF_ERROR(webhook->project_id.empty() ? caller.require(permission)
                                                : caller.require(permission, webhook->project_id));
    RETURN_IF_ERROR(require_version(webhook->version, expected));
    return *std::move(webhook);
}

Result<Page<model::Webhook>> list_webhooks(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    store::WebhookQuery query{.gateway = gateway.id};
    ASSIGN_OR_RETURN(query.projects, heard_projects(tx, caller, project));
    ASSIGN_OR_RETURN(std::vector<model::Webhook> webhooks,
                     tx.webhooks().list(query, {.after = after, .limit = limit}));
    return page_of(std::move(webhooks), page,
                   [](const model::Webhook& webhook) { return webhook.id.str(); });
}

Result<model::Webhook> show_webhook(Management& m, const Caller& caller,
                                    const model::WebhookId& id) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_webhook(tx, caller, Permission::ReadWebhook, id, {});
}

Result<model::Webhook> reveal_webhook(Management& m, const Caller& caller,
                                      const model::WebhookId& id) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Webhook webhook, load_webhook(tx, caller, Permission::RevealWebhook, id,
                                                          {}, store::Secrets::Unsealed));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.reveal", subject_of(webhook)));
    RETURN_IF_ERROR(tx.commit());
    return webhook;
}

Result<Page<model::Delivery>> list_deliveries(Management& m, const Caller& caller,
                                              const model::WebhookId& id,
                                              std::optional<model::DeliveryStatus> status,
                                              const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     load_webhook(tx, caller, Permission::ReadWebhook, id, {}));
    ASSIGN_OR_RETURN(std::vector<model::Delivery> deliveries,
                     tx.deliveries().list(webhook.id, status, {.after = after, .limit = limit}));
    return page_of(std::move(deliveries), page,
                   [](const model::Delivery& delivery) { return delivery.id.str(); });
}

}  // namespace lintel::management
