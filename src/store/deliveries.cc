#include "store/deliveries.h"

#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kDeliveryColumns =
    "id, webhook_id, event_id, event_type, payload, status, attempts, next_at, answer_status,"
    " error, created_at, finished_at";

model::Delivery to_delivery(const sql::Row& row) {
    return {
        .id = model::DeliveryId(row.text(0)),
        .webhook_id = model::WebhookId(row.is_null(1) ? "" : row.text(1)),
        .event_id = row.text(2),
        .event_type = row.text(3),
        .payload = row.text(4),
        .status = model::parse_delivery_status(row.text(5)).value_or(model::DeliveryStatus::Failed),
        .attempts = row.integer(6),
        .next_at = row.integer(7),
        .answer_status = row.integer(8),
        .error = row.text(9),
        .created_at = row.integer(10),
        .finished_at = row.integer(11)};
}

sql::Value webhook_of(const model::Delivery& delivery) {
    if (delivery.webhook_id.empty()) { return std::monostate(); }
    return delivery.webhook_id.str();
}

}  // namespace

Status Deliveries::add(const model::Delivery& delivery) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO deliveries (id, webhook_id, event_id, event_type, payload, status, attempts,"
        " next_at, answer_status, error, created_at, finished_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {delivery.id.str(), webhook_of(delivery), delivery.event_id, delivery.event_type,
         delivery.payload, std::string(name(delivery.status)), delivery.attempts, delivery.next_at,
         delivery.answer_status, delivery.error, delivery.created_at, delivery.finished_at}));
    return {};
}

Result<std::vector<model::DeliveryId>> Deliveries::due(TimeMs now,
                                                       const std::vector<model::WebhookId>& busy,
                                                       int limit) {
    Where where;
    where.add("status = 'pending'");
    where.add("next_at <= ", now);
    if (!busy.empty()) { where.add("NOT " + among(where, "COALESCE(webhook_id, '')", busy)); }
    const std::string most = where.placeholder(std::int64_t{limit});
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT id FROM (SELECT id, next_at, ROW_NUMBER() OVER"
                  " (PARTITION BY COALESCE(webhook_id, '') ORDER BY next_at, id) AS place"
                  " FROM deliveries" +
                      where.text() + ") AS waiting WHERE place = 1 ORDER BY next_at, id LIMIT " +
                      most,
                  where.values()));
    return mapped(rows, [](const sql::Row& row) { return model::DeliveryId(row.text(0)); });
}

Result<std::optional<model::Delivery>> Deliveries::claim(const model::DeliveryId& id, TimeMs now,
                                                         TimeMs lease_end) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("UPDATE deliveries SET attempts = attempts + 1, next_at = $3"
                                   " WHERE id = $1 AND status = 'pending' AND next_at <= $2"
                                   " RETURNING " +
                                       std::string(kDeliveryColumns),
                                   {id.str(), now, lease_end}));
    return row ? std::optional(to_delivery(*row)) : std::nullopt;
}

Status Deliveries::save(const model::Delivery& delivery) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE deliveries SET status = $3, next_at = $4, answer_status = $5, error = $6,"
        " finished_at = $7 WHERE id = $1 AND attempts = $2 AND status = 'pending'",
        {delivery.id.str(), delivery.attempts, std::string(name(delivery.status)), delivery.next_at,
         delivery.answer_status, delivery.error, delivery.finished_at}));
    return {};
}

Result<std::vector<model::Delivery>> Deliveries::select(const Where& where,
                                                        const std::string& tail) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kDeliveryColumns) + " FROM deliveries" +
                                   where.text() + tail,
                               where.values()));
    return mapped(rows, to_delivery);
}

Result<std::optional<model::Delivery>> Deliveries::find(const model::WebhookId& webhook,
                                                        const model::DeliveryId& id) {
    Where where;
    where.add("webhook_id = ", webhook.str());
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(std::vector<model::Delivery> found, select(where, ""));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<model::Delivery>> Deliveries::list(const model::WebhookId& webhook,
                                                      std::optional<model::DeliveryStatus> status,
                                                      const IdPage& page) {
    Where where;
    where.add("webhook_id = ", webhook.str());
    if (status) { where.add("status = ", std::string(name(*status))); }
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    return select(where, " ORDER BY id DESC LIMIT " + limit);
}

Result<std::int64_t> Deliveries::count_pending() {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT COUNT(*) FROM deliveries WHERE status = 'pending'"));
    return row->integer(0);
}

Status Deliveries::remove_finished_before(TimeMs time) {
    RETURN_IF_ERROR(tx_.execute(
        "DELETE FROM deliveries WHERE status <> 'pending' AND finished_at < $1", {time}));
    return {};
}

}  // namespace lintel::store
