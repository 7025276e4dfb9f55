// Answers of POST requests by their Idempotency-Key. An answer may hold secrets, so it is sealed.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/seal.h"
#include "sql/database.h"

namespace lintel::store {

struct IdempotencyEntry {
    std::string owner = {};
    std::string key = {};
    std::string request_sha256 = {};
    int status = 0;  ///< 0: the request is still being worked on
    std::string answer = {};
    TimeMs created_at = 0;
};

class IdempotencyKeys {
public:
    IdempotencyKeys(sql::Transaction& tx, const crypto::Sealer& sealer)
        : tx_(tx), sealer_(sealer) {}

    Result<std::optional<IdempotencyEntry>> find(const std::string& owner, const std::string& key);
    /// Adds or replaces.
    Status put(const IdempotencyEntry& entry);
    Status remove(const std::string& owner, const std::string& key);
    Status remove_older_than(TimeMs time);

private:
    sql::Transaction& tx_;
    const crypto::Sealer& sealer_;
};

}  // namespace lintel::store
