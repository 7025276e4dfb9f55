// Webhooks: who wants to be told of events, and the deliveries that are on their way to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

/// What others can be told of. Names are a contract with receivers: never rename, never reuse.
inline constexpr auto kEventTypes = std::to_array<std::string_view>(
    {"application.submitted", "application.approved", "application.rejected",
     "application.withdrawn", "subscription.ended", "service.published", "service.rolled_back",
     "service.stopped", "service.started", "service.listed", "service.unlisted",
     "service.deleted"});
/// Goes to one webhook, when somebody asks for it.
inline constexpr std::string_view kTestEvent = "webhook.test";

/// Of a gateway; with a project it hears of what happens in that project only.
struct Webhook {
    static constexpr std::size_t kMaxName = 64;
    static constexpr std::size_t kMaxUrl = 2000;

    WebhookId id = {};  ///< "whk_..."
    GatewayId gateway_id = {};
    ProjectId project_id = {};  ///< empty: of all projects
    std::string name = {};
    std::string url = {};
    std::vector<std::string> events = {};  ///< types; empty: all
    bool enabled = true;
    Secret secret = {};           ///< "whsec_..."; empty unless it was asked for
    Secret previous_secret = {};  ///< signs as well until then; empty: none
    TimeMs previous_until = 0;
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;

    bool wants(std::string_view event_type) const;
};

enum class DeliveryStatus : std::uint8_t { Pending, Delivered, Failed };
std::string_view name(DeliveryStatus status);  ///< "pending", "delivered", "failed"
std::optional<DeliveryStatus> parse_delivery_status(std::string_view text);

/// One event on its way to one receiver.
struct Delivery {
    DeliveryId id = {};         ///< "dlv_..."
    WebhookId webhook_id = {};  ///< empty: a mail
    std::string event_id = {};  ///< "evt_..."; the same however often it is sent
    std::string event_type = {};
    std::string payload = {};  ///< JSON text: what a webhook is sent, or {to, subject, text}
    DeliveryStatus status = DeliveryStatus::Pending;
    std::int64_t attempts = 0;  ///< begun
    TimeMs next_at = 0;
    std::int64_t answer_status = 0;  ///< of the last attempt; 0: there was no answer
    std::string error = {};          ///< of the last attempt
    TimeMs created_at = 0;
    TimeMs finished_at = 0;  ///< 0: pending
};

/// Faults of name, URL and event types, with pointers into its JSON.
void check(const Webhook& webhook, std::vector<Fault>& faults);

/// Whether others may verify signatures with it: "whsec_" and 24 to 64 bytes in base64.
bool is_webhook_secret(const Secret& secret);

/// Without secrets.
data::Json to_json(const Webhook& webhook);
/// With what was sent.
data::Json to_json(const Delivery& delivery);

}  // namespace lintel::model
