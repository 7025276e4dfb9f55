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
    /// By id or name.
    Result<std::optional<model::Upstream>> find(const std::string& id_or_name);
    /// By name, beginning after the one named `after`.
    Result<std::vector<model::Upstream>> list(const IdPage& page);
    Result<std::int64_t> count();

private:
    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
