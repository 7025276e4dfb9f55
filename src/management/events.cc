#include "management/events.h"

#include <algorithm>
#include <array>

#include "management/steps.h"

namespace lintel::management {

namespace {

struct EventName {
    std::string_view action;  ///< of the audit
    std::string_view type;
};
constexpr auto kAnnounced = std::to_array<EventName>({
    {"application.submit", "application.submitted"},
    {"application.approve", "application.approved"},
    {"application.reject", "application.rejected"},
    {"application.withdraw", "application.withdrawn"},
    {"subscription.unsubscribe", "subscription.ended"},
    {"subscription.remove", "subscription.ended"},
    {"subscription.end", "subscription.ended"},
    {"service.publish", "service.published"},
    {"service.rollback", "service.rolled_back"},
    {"service.stop", "service.stopped"},
    {"service.start", "service.started"},
    {"service.delete", "service.deleted"},
});

/// A pending subscription that its owner gives up was an application that is withdrawn.
bool is_withdrawal(const model::AuditEvent& change) {
    return change.action == "subscription.unsubscribe" &&
           data::find_string(change.after, "status") == "withdrawn";
}

std::vector<std::string_view> types_of(const model::AuditEvent& change) {
    const auto* const found = std::ranges::find(kAnnounced, change.action, &EventName::action);
    if (found == kAnnounced.end() || is_withdrawal(change)) { return {}; }
    std::vector<std::string_view> types{found->type};
    if (found->type == "application.approved") {
        const std::string_view wanted = data::find_string(change.after, "type");
        if (wanted == "launch") { types.emplace_back("service.listed"); }
        if (wanted == "remove") { types.emplace_back("service.unlisted"); }
    }
    return types;
}

/// Applications and subscriptions as their views are; of services which one, and what was done.
data::Json data_of(std::string_view type, const model::AuditEvent& change) {
    if (!type.starts_with("service.")) { return change.after; }
    if (change.object_type == "application") {
        return {{"service", change.after["service"]}, {"application", change.after["number"]}};
    }
    data::Json told{{"service", {{"id", change.object_id}, {"code", change.object_name}}}};
    const data::Json& done = change.after.is_null() ? change.before : change.after;
    if (done.is_object()) { told.update(done); }
    return told;
}

Result<std::string> gateway_code(store::Transaction& tx, const model::GatewayId& id) {
    ASSIGN_OR_RETURN(const std::vector<model::Gateway> gateways, tx.gateways().list());
    const auto found = std::ranges::find(gateways, id, &model::Gateway::id);
    return found == gateways.end() ? std::string() : found->code;
}

}  // namespace

data::Json to_json(const Event& event) {
    data::Json project = nullptr;
    if (!event.project.empty()) {
        project = {{"id", event.project.str()}, {"name", event.project_name}};
    }
    return {{"id", event.id},
            {"type", std::string(event.type)},
            {"timestamp", to_rfc3339(event.at)},
            {"gateway", event.gateway},
            {"project", std::move(project)},
            {"actor", event.actor},
            {"data", event.data}};
}

model::Delivery make_delivery(const Management& m, const Event& event,
                              const model::WebhookId& webhook) {
    const TimeMs now = m.clock.now_ms();
    return {.id = model::DeliveryId(make_id("dlv")),
            .webhook_id = webhook,
            .event_id = event.id,
            .event_type = std::string(event.type),
            .payload = data::dump(to_json(event)),
            .next_at = now,
            .created_at = now};
}

Status announce(store::Transaction& tx, Management& m, const model::AuditEvent& change) {
    const std::vector<std::string_view> types = types_of(change);
    if (types.empty()) { return {}; }
    ASSIGN_OR_RETURN(const std::optional<model::Project> project,
                     tx.projects().find(change.project_id));
    if (!project) { return {}; }
    ASSIGN_OR_RETURN(const std::vector<model::Webhook> webhooks,
                     tx.webhooks().hearing_of(project->gateway_id, project->id));
    if (webhooks.empty() && !m.settings.mail) { return {}; }
    ASSIGN_OR_RETURN(const std::string gateway, gateway_code(tx, project->gateway_id));
    for (const std::string_view type : types) {
        const Event event{.id = make_id("evt"),
                          .type = type,
                          .at = change.at,
                          .gateway = gateway,
                          .project = project->id,
                          .project_name = project->name,
                          .actor = change.actor,
                          .data = data_of(type, change)};
        for (const model::Webhook& webhook : webhooks) {
            if (!webhook.wants(type)) { continue; }
            RETURN_IF_ERROR(tx.deliveries().add(make_delivery(m, event, webhook.id)));
        }
        if (m.settings.mail) { RETURN_IF_ERROR(queue_mails(tx, m, event, change)); }
    }
    return {};
}

}  // namespace lintel::management
