// Upstreams in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/upstream.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

class Upstreams {
public:
    Upstreams(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    Status add(const model::Upstream& upstream);
    /// Writes everything but identity and birth.
    Status save(const model::Upstream& upstream);
    Status remove(const model::UpstreamId& id);
    /// By id or name, in the gateway.
    Result<std::optional<model::Upstream>> find(const model::GatewayId& gateway,
                                                const std::string& id_or_name);
    /// By name, beginning after the one named `after`.
    Result<std::vector<model::Upstream>> list(const model::GatewayId& gateway, const IdPage& page);
    /// Of all gateways.
    Result<std::vector<model::Upstream>> all();
    Result<std::int64_t> count(const model::GatewayId& gateway);

private:
    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
