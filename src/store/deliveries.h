// Deliveries in the store: the queue of events on their way, and the record of those that went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/webhook.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

class Deliveries {
public:
    explicit Deliveries(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Delivery& delivery);
    /// Of those that are due, the longest waiting one of each receiver that is not `busy`; the
    /// receiver of mails is the one without a name.
    Result<std::vector<model::DeliveryId>> due(TimeMs now,
                                               const std::vector<model::WebhookId>& busy,
                                               int limit);
    /// Begins an attempt, unless somebody else has: nobody else begins one before `lease_end`.
    Result<std::optional<model::Delivery>> claim(const model::DeliveryId& id, TimeMs now,
                                                 TimeMs lease_end);
    /// Writes how an attempt ended; nothing when another one was begun since.
    Status save(const model::Delivery& delivery);
    Result<std::optional<model::Delivery>> find(const model::WebhookId& webhook,
                                                const model::DeliveryId& id);
    /// Newest first.
    Result<std::vector<model::Delivery>> list(const model::WebhookId& webhook,
                                              std::optional<model::DeliveryStatus> status,
                                              const IdPage& page);
    Result<std::int64_t> count_pending();
    Status remove_finished_before(TimeMs time);

private:
    Result<std::vector<model::Delivery>> select(const Where& where, const std::string& tail);

    sql::Transaction& tx_;
};

}  // namespace lintel::store
