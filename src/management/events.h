// Events that others receive, made from the audit events of the changes they tell of: what is
// recorded is announced in the same transaction, or neither is. Private to management.
#pragma once

#include <string>
#include <string_view>

#include "management/management.h"
#include "model/account.h"
#include "model/webhook.h"
#include "store/store.h"

namespace lintel::management {

struct Event {
    std::string id = {};         ///< "evt_..."
    std::string_view type = {};  ///< one of model::kEventTypes, or the test
    TimeMs at = 0;
    std::string gateway = {};  ///< code
    model::ProjectId project = {};
    std::string project_name = {};
    std::string actor = {};  ///< name of the user
    data::Json data = {};
};
/// What receivers read; docs/events.md describes it.
data::Json to_json(const Event& event);

/// Queues what follows from a change: deliveries to webhooks, and mails. Nothing for most changes.
Status announce(store::Transaction& tx, Management& m, const model::AuditEvent& change);
/// One delivery of the event; due at once.
model::Delivery make_delivery(const Management& m, const Event& event,
                              const model::WebhookId& webhook);

/// Mails to those whom an application or subscription concerns, but not to who did it.
Status queue_mails(store::Transaction& tx, Management& m, const Event& event,
                   const model::AuditEvent& change);

}  // namespace lintel::management
