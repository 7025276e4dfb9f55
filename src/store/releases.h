// Releases in the store. They are added and read, never changed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "model/service.h"
#include "sql/database.h"

namespace lintel::store {

/// A release without its document.
struct ReleaseRow {
    std::int64_t number = 0;
    std::string note = {};
    TimeMs created_at = 0;
    std::string created_by = {};
};

class Releases {
public:
    explicit Releases(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Release& release);
    Result<std::optional<model::Release>> find(const model::ServiceId& id, std::int64_t number);
    /// NotFound.
    Result<model::Release> get(const model::ServiceId& id, std::int64_t number);
    /// Newest first, numbers below `before` (0: from the newest).
    Result<std::vector<ReleaseRow>> list(const model::ServiceId& id, std::int64_t before,
                                         int limit);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
