#include "model/webhook.h"

#include <algorithm>

#include "base/text.h"
#include "model/application.h"
#include "model/names.h"
#include "model/rules.h"

namespace lintel::model {

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kMinKey = 24;
constexpr std::size_t kMaxKey = 64;

constexpr Names<DeliveryStatus, 3> kDeliveryStatuses{{{DeliveryStatus::Pending, "pending"},
                                                      {DeliveryStatus::Delivered, "delivered"},
                                                      {DeliveryStatus::Failed, "failed"}}};

/// What is wrong with it; empty: nothing. Whether the address may be called is decided when it is.
std::string_view wrong_with_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
        return "must begin with https:// or http://";
    }
    if (url.size() > Webhook::kMaxUrl) { return "may have at most 2000 bytes"; }
    if (std::ranges::any_of(url, [](char c) { return c <= 0x20 || c >= 0x7f || c == '\\'; })) {
        return "must be ASCII without spaces; encode other characters as %XX";
    }
    const std::string_view rest = url.substr(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.empty() || authority.front() == ':') { return "needs a host"; }
    if (authority.contains('@')) {
        return "must not carry a user or password; verify the signature instead";
    }
    return rest.contains('#') ? "must not have a fragment ('#...')" : "";
}

}  // namespace

bool Webhook::wants(std::string_view event_type) const {
    return events.empty() || std::ranges::find(events, event_type) != events.end();
}

std::string_view name(DeliveryStatus status) {
    return name_of(kDeliveryStatuses, status);
}
std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) {
    return value_of(kDeliveryStatuses, text);
}

void check(const Webhook& webhook, std::vector<Fault>& faults) {
    if (trim(webhook.name).empty() || character_count(webhook.name) > Webhook::kMaxName) {
        faults.push_back({"/name", "field.length", "must have 1 to 64 characters"});
    }
    if (const std::string_view wrong = wrong_with_url(webhook.url); !wrong.empty()) {
        faults.push_back({"/url", "webhook.url", std::string(wrong)});
    }
    for (std::size_t i = 0; i < webhook.events.size(); ++i) {
        if (std::ranges::find(kEventTypes, webhook.events[i]) != kEventTypes.end()) { continue; }
        faults.push_back({data::child_pointer("/events", i), "webhook.event",
                          "is no type of event; docs/events.md lists them"});
    }
}

bool is_webhook_secret(const Secret& secret) {
    std::string_view text = secret.reveal();
    if (!text.starts_with(kSecretPrefix)) { return false; }
    text.remove_prefix(kSecretPrefix.size());
    const std::optional<std::string> key = from_base64(text);
    return key && key->size() >= kMinKey && key->size() <= kMaxKey;
}

data::Json to_json(const Webhook& webhook) {
    return {{"id", webhook.id.str()},
            {"name", webhook.name},
            {"project", webhook.project_id.empty() ? data::Json(nullptr)
                                                   : data::Json(webhook.project_id.str())},
            {"url", webhook.url},
            {"events", webhook.events},
            {"enabled", webhook.enabled},
            {"previous_secret_until", time_or_null(webhook.previous_until)},
            {"version", webhook.version},
            {"created_at", to_rfc3339(webhook.created_at)},
            {"created_by", webhook.created_by},
            {"updated_at", to_rfc3339(webhook.updated_at)}};
}

data::Json to_json(const Delivery& delivery) {
    const bool is_pending = delivery.status == DeliveryStatus::Pending;
    return {{"id", delivery.id.str()},
            {"event", delivery.event_id},
            {"type", delivery.event_type},
            {"status", std::string(name(delivery.status))},
            {"attempts", delivery.attempts},
            {"next_attempt_at", time_or_null(is_pending ? delivery.next_at : 0)},
            {"answer_status", delivery.answer_status == 0 ? data::Json(nullptr)
                                                          : data::Json(delivery.answer_status)},
            {"error", delivery.error},
            {"payload", delivery.payload},
            {"created_at", to_rfc3339(delivery.created_at)},
            {"finished_at", time_or_null(delivery.finished_at)}};
}

}  // namespace lintel::model
