#include "base/text.h"
#include "crypto/random.h"
#include "management/events.h"
#include "management/webhook_rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kSecretBytes = 32;

Secret make_webhook_secret() {
    return Secret("whsec_" + to_base64(crypto::random_bytes(kSecretBytes)));
}

void find_secret_fault(const std::optional<Secret>& secret, std::vector<Fault>& faults) {
    if (!secret || model::is_webhook_secret(*secret)) { return; }
    faults.push_back(
        {"/secret", "webhook.secret", "must be 'whsec_' and 24 to 64 bytes in base64"});
}

Status as_refusal(std::vector<Fault> faults) {
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

Status require_room_for_webhook(store::Transaction& tx, const model::GatewayId& gateway) {
    ASSIGN_OR_RETURN(const std::int64_t count, tx.webhooks().count(gateway));
    if (count < kMaxWebhooks) { return {}; }
    return fail(Code::StateConflict, "There are " + std::to_string(count) +
                                         " webhooks already, as many as a gateway may have; "
                                         "delete one that is not used.");
}

/// The project it is to hear of; empty: all.
Result<model::ProjectId> project_of(store::Transaction& tx, const Caller& caller,
                                    const std::optional<std::string>& project) {
    if (!project) {
        RETURN_IF_ERROR(caller.require(Permission::WriteWebhook));
        return model::ProjectId();
    }
    ASSIGN_OR_RETURN(const model::Project found,
                     load_project(tx, caller, Permission::WriteWebhook, project));
    return found.id;
}

/// Nothing is sent to one that is disabled.
Status require_enabled(const model::Webhook& webhook) {
    if (webhook.enabled) { return {}; }
    return fail(Code::StateConflict,
                "The webhook '" + webhook.name + "' is disabled; enable it first.");
}

void touch(model::Webhook& webhook, TimeMs now) {
    ++webhook.version;
    webhook.updated_at = now;
}

}  // namespace

Result<model::Webhook> create_webhook(Management& m, const Caller& caller,
                                      const NewWebhook& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(const model::ProjectId project, project_of(tx, caller, request.project));
    const TimeMs now = m.clock.now_ms();
    model::Webhook webhook{.id = model::WebhookId(make_id("whk")),
                           .gateway_id = gateway.id,
                           .project_id = project,
                           .name = request.name,
                           .url = request.url,
                           .events = request.events,
                           .enabled = request.enabled,
                           .secret = request.secret ? *request.secret : make_webhook_secret(),
                           .created_at = now,
                           .created_by = caller.name(),
                           .updated_at = now};
    std::vector<Fault> faults;
    model::check(webhook, faults);
    find_secret_fault(request.secret, faults);
    RETURN_IF_ERROR(as_refusal(std::move(faults)));
    RETURN_IF_ERROR(require_room_for_webhook(tx, gateway.id));
    RETURN_IF_ERROR(tx.webhooks().add(webhook));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.create", subject_of(webhook),
                           {nullptr, model::to_json(webhook)}));
    RETURN_IF_ERROR(tx.commit());
    return webhook;
}

Result<model::Webhook> edit_webhook(Management& m, const Caller& caller, const model::WebhookId& id,
                                    const WebhookEdit& edit, ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Webhook before,
                     load_webhook(tx, caller, Permission::WriteWebhook, id, expected));
    model::Webhook after = before;
    after.name = edit.name.value_or(before.name);
    after.url = edit.url.value_or(before.url);
    after.events = edit.events.value_or(before.events);
    after.enabled = edit.enabled.value_or(before.enabled);
    std::vector<Fault> faults;
    model::check(after, faults);
    RETURN_IF_ERROR(as_refusal(std::move(faults)));
    touch(after, m.clock.now_ms());
    RETURN_IF_ERROR(tx.webhooks().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.edit", subject_of(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return after;
}

Result<model::Webhook> reset_webhook(Management& m, const Caller& caller,
                                     const model::WebhookId& id,
                                     const std::optional<Secret>& secret,
                                     std::chrono::seconds overlap) {
    std::vector<Fault> faults;
    find_secret_fault(secret, faults);
    RETURN_IF_ERROR(as_refusal(std::move(faults)));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Webhook webhook, load_webhook(tx, caller, Permission::WriteWebhook, id,
                                                          {}, store::Secrets::Unsealed));
    const data::Json before = model::to_json(webhook);
    const TimeMs now = m.clock.now_ms();
    const bool overlaps = overlap.count() > 0;
    webhook.previous_secret = overlaps ? webhook.secret : Secret();
    webhook.previous_until = overlaps ? now + std::chrono::milliseconds(overlap).count() : 0;
    webhook.secret = secret ? *secret : make_webhook_secret();
    touch(webhook, now);
    RETURN_IF_ERROR(tx.webhooks().save(webhook));
    RETURN_IF_ERROR(tx.webhooks().save_secrets(webhook));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.reset", subject_of(webhook),
                           {before, model::to_json(webhook)}));
    RETURN_IF_ERROR(tx.commit());
    return webhook;
}

Status delete_webhook(Management& m, const Caller& caller, const model::WebhookId& id,
                      ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     load_webhook(tx, caller, Permission::WriteWebhook, id, expected));
    RETURN_IF_ERROR(tx.webhooks().remove(id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "webhook.delete", subject_of(webhook), {model::to_json(webhook)}));
    return tx.commit();
}

Result<model::Delivery> test_webhook(Management& m, const Caller& caller,
                                     const model::WebhookId& id) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     load_webhook(tx, caller, Permission::WriteWebhook, id, {}));
    RETURN_IF_ERROR(require_enabled(webhook));
    Event event{.id = make_id("evt"),
                .type = model::kTestEvent,
                .at = m.clock.now_ms(),
                .gateway = caller.gateway().code,
                .project = webhook.project_id,
                .actor = caller.name(),
                .data = {{"webhook", webhook.id.str()}}};
    if (!webhook.project_id.empty()) {
        ASSIGN_OR_RETURN(const auto project, tx.projects().find(webhook.project_id));
        event.project_name = project ? project->name : "";
    }
    model::Delivery delivery = make_delivery(m, event, webhook.id);
    RETURN_IF_ERROR(tx.deliveries().add(delivery));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.test", subject_of(webhook),
                           {nullptr, {{"delivery", delivery.id.str()}}}));
    RETURN_IF_ERROR(tx.commit());
    return delivery;
}

Result<model::Delivery> redeliver(Management& m, const Caller& caller, const model::WebhookId& id,
                                  const model::DeliveryId& delivery) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Webhook webhook,
                     load_webhook(tx, caller, Permission::WriteWebhook, id, {}));
    ASSIGN_OR_RETURN(const std::optional<model::Delivery> found,
                     tx.deliveries().find(webhook.id, delivery));
    if (!found) { return fail(Code::NotFound, "There is no delivery '" + delivery.str() + "'."); }
    RETURN_IF_ERROR(require_enabled(webhook));
    if (found->status == model::DeliveryStatus::Pending) {
        return fail(Code::StateConflict,
                    "The delivery is still pending; it is tried again by "
                    "itself at next_attempt_at.");
    }
    const TimeMs now = m.clock.now_ms();
    model::Delivery again{.id = model::DeliveryId(make_id("dlv")),
                          .webhook_id = webhook.id,
                          .event_id = found->event_id,
                          .event_type = found->event_type,
                          .payload = found->payload,
                          .next_at = now,
                          .created_at = now};
    RETURN_IF_ERROR(tx.deliveries().add(again));
    RETURN_IF_ERROR(record(tx, m, caller, "webhook.redeliver", subject_of(webhook),
                           {nullptr, {{"delivery", again.id.str()}, {"of", found->id.str()}}}));
    RETURN_IF_ERROR(tx.commit());
    return again;
}

}  // namespace lintel::management
