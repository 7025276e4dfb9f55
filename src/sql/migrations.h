// Brings a database to the schema this binary knows. Forward only; what was applied is recorded
// with a checksum, so that a changed old file, or a database from a newer binary, stops the start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "sql/database.h"

namespace lintel::sql {

struct Migration {
    std::int64_t number = 0;  ///< 1, 2, 3... without gaps
    std::string_view name;    ///< "0001_core.sql"
    std::string_view text;
    std::string checksum;  ///< of the text, hexadecimal
};

/// Applies what is missing, all in one transaction that excludes every other process. StartFailed
/// with a sentence when the database does not fit.
Status migrate(Database& database, std::span<const Migration> migrations, const Clock& clock);
/// The same within a transaction of the caller's, who commits it; gives how many were there before.
Result<std::size_t> migrate(Transaction& tx, std::span<const Migration> migrations,
                            const Clock& clock);
/// How many of them a database has that was migrated before. StartFailed when it does not fit.
Result<std::size_t> applied(Transaction& tx, std::span<const Migration> migrations);

}  // namespace lintel::sql
