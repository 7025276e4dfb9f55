// Webhooks and what was delivered to them.
#include <fmt/core.h>

#include "admin/bindings.h"
#include "management/webhooks.h"

namespace lintel::admin {

namespace {

model::WebhookId webhook_of(const Call& call) {
    return model::WebhookId(call.path_text("webhook"));
}

std::optional<Secret> secret_in(const Call& call) {
    const std::optional<std::string> text = call.body_text("secret");
    return text ? std::optional(Secret(*text)) : std::nullopt;
}

Answer webhook_answer(const model::Webhook& webhook) {
    return Answer::shown(model::to_json(webhook), webhook.version);
}

Answer webhook_with_secret(const model::Webhook& webhook) {
    data::Json body = model::to_json(webhook);
    body["secret"] = std::string(webhook.secret.reveal());
    return Answer::shown(std::move(body), webhook.version);
}

Answer delivery_answer(const Call& call, const model::Delivery& delivery) {
    return Answer::shown(model::to_json(delivery))
        .made_at(fmt::format("{}/webhooks/{}/deliveries", call.gateway_path(),
                             delivery.webhook_id.str()));
}

Result<Answer> list_webhooks(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_webhooks(call.management, *call.caller,
                                               call.query_text("project"), call.page()));
    return page_answer(page, [](const model::Webhook& item) { return model::to_json(item); });
}

Result<Answer> create_webhook(const Call& call) {
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     management::create_webhook(call.management, *call.caller,
                                                {.project = call.body_text("project"),
                                                 .name = call.body_text("name").value_or(""),
                                                 .url = call.body_text("url").value_or(""),
                                                 .events = call.body_texts("events"),
                                                 .enabled = call.body_flag("enabled", true),
                                                 .secret = secret_in(call)}));
    return webhook_with_secret(webhook).made_at(
        fmt::format("{}/webhooks/{}", call.gateway_path(), webhook.id.str()));
}

Result<Answer> show_webhook(const Call& call) {
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     management::show_webhook(call.management, *call.caller, webhook_of(call)));
    return webhook_answer(webhook);
}

Result<Answer> edit_webhook(const Call& call) {
    management::WebhookEdit edit{.name = call.body_text("name"),
                                 .url = call.body_text("url"),
                                 .enabled = call.body_switch("enabled")};
    if (data::find(call.body, "events") != nullptr) { edit.events = call.body_texts("events"); }
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     management::edit_webhook(call.management, *call.caller, webhook_of(call), edit,
                                              call.expected));
    return webhook_answer(webhook);
}

Result<Answer> delete_webhook(const Call& call) {
    RETURN_IF_ERROR(
        management::delete_webhook(call.management, *call.caller, webhook_of(call), call.expected));
    return Answer::gone();
}

Result<Answer> reveal_webhook(const Call& call) {
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     management::reveal_webhook(call.management, *call.caller, webhook_of(call)));
    return webhook_with_secret(webhook);
}

Result<Answer> reset_webhook(const Call& call) {
    constexpr std::int64_t kUsualOverlap = 86'400;
    ASSIGN_OR_RETURN(
        const model::Webhook webhook,
        management::reset_webhook(
            call.management, *call.caller, webhook_of(call), secret_in(call),
            std::chrono::seconds(call.body_integer("overlap_seconds").value_or(kUsualOverlap))));
    return webhook_with_secret(webhook);
}

Result<Answer> test_webhook(const Call& call) {
    ASSIGN_OR_RETURN(const model::Delivery delivery,
                     management::test_webhook(call.management, *call.caller, webhook_of(call)));
    return delivery_answer(call, delivery);
}

Result<Answer> list_deliveries(const Call& call) {
    std::optional<model::DeliveryStatus> status;
    if (const auto text = call.query_text("status")) {
        status = model::parse_delivery_status(*text);
    }
    ASSIGN_OR_RETURN(const auto page,
                     management::list_deliveries(call.management, *call.caller, webhook_of(call),
                                                 status, call.page()));
    return page_answer(page, [](const model::Delivery& item) { return model::to_json(item); });
}

Result<Answer> redeliver(const Call& call) {
    ASSIGN_OR_RETURN(const model::Delivery delivery,
                     management::redeliver(call.management, *call.caller, webhook_of(call),
                                           model::DeliveryId(call.path_text("delivery"))));
    return delivery_answer(call, delivery);
}

}  // namespace

std::vector<Binding> webhook_bindings() {
    return {
        {"listWebhooks", list_webhooks},     {"createWebhook", create_webhook},
        {"showWebhook", show_webhook},       {"editWebhook", edit_webhook},
        {"deleteWebhook", delete_webhook},   {"revealWebhook", reveal_webhook},
        {"resetWebhook", reset_webhook},     {"testWebhook", test_webhook},
        {"listDeliveries", list_deliveries}, {"redeliver", redeliver},
    };
}

}  // namespace lintel::admin
