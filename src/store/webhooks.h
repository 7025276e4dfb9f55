// Webhooks in the store. Their secrets are sealed before they reach SQL, bound to their row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/seal.h"
#include "model/webhook.h"
#include "sql/database.h"
#include "store/credentials.h"
#include "store/paging.h"

namespace lintel::store {

struct WebhookQuery {
    model::GatewayId gateway = {};
    /// Absent: of all, and those of no project.
    std::optional<std::vector<model::ProjectId>> projects = {};
};

class Webhooks {
public:
    Webhooks(sql::Transaction& tx, const crypto::Sealer& sealer) : tx_(tx), sealer_(sealer) {}

    Status add(const model::Webhook& webhook);
    /// Writes everything but identity, project, birth and secrets.
    Status save(const model::Webhook& webhook);
    /// Writes both secrets and until when the previous one holds.
    Status save_secrets(const model::Webhook& webhook);
    /// With its deliveries.
    Status remove(const model::WebhookId& id);
    Result<std::optional<model::Webhook>> find(const model::WebhookId& id, Secrets secrets);
    /// Newest first.
    Result<std::vector<model::Webhook>> list(const WebhookQuery& query, const IdPage& page);
    Result<std::int64_t> count(const model::GatewayId& gateway);
    /// Those enabled that hear of the project.
    Result<std::vector<model::Webhook>> hearing_of(const model::GatewayId& gateway,
                                                   const model::ProjectId& project);

private:
    Result<std::vector<sql::Row>> select(const Where& where, const std::string& tail);
    std::string sealed(const Secret& secret, const model::WebhookId& id) const;
    Result<Secret> unsealed(const std::string& text, const model::WebhookId& id) const;

    sql::Transaction& tx_;
    const crypto::Sealer& sealer_;
};

}  // namespace lintel::store
