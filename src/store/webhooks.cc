#include "store/webhooks.h"

#include "base/text.h"
#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kWebhookColumns =
    "id, gateway_id, project_id, name, url, events, enabled, previous_until, version, created_at,"
    " created_by, updated_at, sealed_secret, sealed_previous_secret";
constexpr std::size_t kSealedSecret = 12;
constexpr std::size_t kSealedPrevious = 13;

std::string context_of(const model::WebhookId& id) {
    return "webhooks|" + id.str() + "|sealed_secret|1";
}

sql::Value project_of(const model::Webhook& webhook) {
    if (webhook.project_id.empty()) { return std::monostate(); }
    return webhook.project_id.str();
}

Result<model::Webhook> to_webhook(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json events,
                     read_document(row.text(5), "events of " + row.text(0)));
    model::Webhook webhook;
    webhook.id = model::WebhookId(row.text(0));
    webhook.gateway_id = model::GatewayId(row.text(1));
    if (!row.is_null(2)) { webhook.project_id = model::ProjectId(row.text(2)); }
    webhook.name = row.text(3);
    webhook.url = row.text(4);
    for (const data::Json& event : events) {
        if (event.is_string()) { webhook.events.push_back(event.get<std::string>()); }
    }
    webhook.enabled = row.flag(6);
    webhook.previous_until = row.integer(7);
    webhook.version = row.integer(8);
    webhook.created_at = row.integer(9);
    webhook.created_by = row.text(10);
    webhook.updated_at = row.integer(11);
    return webhook;
}

}  // namespace

std::string Webhooks::sealed(const Secret& secret, const model::WebhookId& id) const {
    return secret.empty() ? "" : to_base64(sealer_.seal(secret.reveal(), context_of(id)));
}

Result<Secret> Webhooks::unsealed(const std::string& text, const model::WebhookId& id) const {
    if (text.empty()) { return Secret(); }
    std::optional<Secret> secret = sealer_.open(from_base64(text).value_or(""), context_of(id));
    if (secret) { return *std::move(secret); }
    return fail(Code::Internal, "The secret of a webhook cannot be opened.", "webhook " + id.str());
}

Status Webhooks::add(const model::Webhook& webhook) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO webhooks (id, gateway_id, project_id, name, url, events, enabled,"
        " sealed_secret, sealed_previous_secret, previous_until, version, created_at, created_by,"
        " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        {webhook.id.str(), webhook.gateway_id.str(), project_of(webhook), webhook.name, webhook.url,
         data::dump(data::Json(webhook.events)), webhook.enabled,
         sealed(webhook.secret, webhook.id), sealed(webhook.previous_secret, webhook.id),
         webhook.previous_until, webhook.version, webhook.created_at, webhook.created_by,
         webhook.updated_at}));
    return {};
}

Status Webhooks::save(const model::Webhook& webhook) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE webhooks SET name = $2, url = $3, events = $4, enabled = $5,"
        " version = $6, updated_at = $7 WHERE id = $1",
        {webhook.id.str(), webhook.name, webhook.url, data::dump(data::Json(webhook.events)),
         webhook.enabled, webhook.version, webhook.updated_at}));
    return {};
}

Status Webhooks::save_secrets(const model::Webhook& webhook) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE webhooks SET sealed_secret = $2, sealed_previous_secret = $3,"
                    " previous_until = $4 WHERE id = $1",
                    {webhook.id.str(), sealed(webhook.secret, webhook.id),
                     sealed(webhook.previous_secret, webhook.id), webhook.previous_until}));
    return {};
}

Status Webhooks::remove(const model::WebhookId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM webhooks WHERE id = $1", {id.str()}));
    return {};
}

Result<std::vector<sql::Row>> Webhooks::select(const Where& where, const std::string& tail) {
    return tx_.query(
        "SELECT " + std::string(kWebhookColumns) + " FROM webhooks" + where.text() + tail,
        where.values());
}

Result<std::optional<model::Webhook>> Webhooks::find(const model::WebhookId& id, Secrets secrets) {
    Where where;
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, select(where, ""));
    if (rows.empty()) { return std::optional<model::Webhook>(); }
    ASSIGN_OR_RETURN(model::Webhook webhook, to_webhook(rows.front()));
    if (secrets == Secrets::Unsealed) {
        ASSIGN_OR_RETURN(webhook.secret, unsealed(rows.front().text(kSealedSecret), id));
        ASSIGN_OR_RETURN(webhook.previous_secret, unsealed(rows.front().text(kSealedPrevious), id));
    }
    return std::optional(std::move(webhook));
}

Result<std::vector<model::Webhook>> Webhooks::list(const WebhookQuery& query, const IdPage& page) {
    Where where;
    where.add("gateway_id = ", query.gateway.str());
    if (query.projects) { where.add(among(where, "project_id", *query.projects)); }
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     select(where, " ORDER BY id DESC LIMIT " + limit));
    return mapped_or_error(rows, to_webhook);
}

Result<std::int64_t> Webhooks::count(const model::GatewayId& gateway) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT COUNT(*) FROM webhooks WHERE gateway_id = $1", {gateway.str()}));
    return row->integer(0);
}

Result<std::vector<model::Webhook>> Webhooks::hearing_of(const model::GatewayId& gateway,
                                                         const model::ProjectId& project) {
    Where where;
    where.add("enabled");
    where.add("gateway_id = ", gateway.str());
    where.add("(project_id IS NULL OR project_id = " + where.placeholder(project.str()) + ")");
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, select(where, " ORDER BY id"));
    return mapped_or_error(rows, to_webhook);
}

}  // namespace lintel::store
