// Webhooks: who is told of events, how to verify it, and what became of each delivery. A webhook
// belongs to whoever administers its project; one of all projects to system administrators.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/webhook.h"

namespace lintel::management {

inline constexpr int kMaxWebhooks = 100;  ///< of a gateway

struct NewWebhook {
    std::optional<std::string> project = {};  ///< id or name; absent: of all projects
    std::string name = {};
    std::string url = {};
    std::vector<std::string> events = {};  ///< empty: all
    bool enabled = true;
    std::optional<Secret> secret = {};  ///< "whsec_..."; absent: one is made
};
/// The answer has the secret.
Result<model::Webhook> create_webhook(Management& m, const Caller& caller,
                                      const NewWebhook& request);

/// Newest first: those of the projects the caller administers, or of one.
Result<Page<model::Webhook>> list_webhooks(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const PageRequest& page);
Result<model::Webhook> show_webhook(Management& m, const Caller& caller,
                                    const model::WebhookId& id);
/// With its secret; recorded.
Result<model::Webhook> reveal_webhook(Management& m, const Caller& caller,
                                      const model::WebhookId& id);

struct WebhookEdit {
    std::optional<std::string> name = {};
    std::optional<std::string> url = {};
    std::optional<std::vector<std::string>> events = {};
    std::optional<bool> enabled = {};
};
Result<model::Webhook> edit_webhook(Management& m, const Caller& caller, const model::WebhookId& id,
                                    const WebhookEdit& edit, ExpectedVersion expected);
/// A new secret; deliveries are signed with both until the overlap is over. The answer has it.
Result<model::Webhook> reset_webhook(Management& m, const Caller& caller,
                                     const model::WebhookId& id,
                                     const std::optional<Secret>& secret,
                                     std::chrono::seconds overlap);
/// With what is on its way.
Status delete_webhook(Management& m, const Caller& caller, const model::WebhookId& id,
                      ExpectedVersion expected);

/// Queues an event that says nothing. StateConflict when the webhook is disabled.
Result<model::Delivery> test_webhook(Management& m, const Caller& caller,
                                     const model::WebhookId& id);
/// Newest first.
Result<Page<model::Delivery>> list_deliveries(Management& m, const Caller& caller,
                                              const model::WebhookId& id,
                                              std::optional<model::DeliveryStatus> status,
                                              const PageRequest& page);
/// Queues the same event once more. StateConflict while the delivery is pending, or the webhook
/// disabled.
Result<model::Delivery> redeliver(Management& m, const Caller& caller, const model::WebhookId& id,
                                  const model::DeliveryId& delivery);

}  // namespace lintel::management
