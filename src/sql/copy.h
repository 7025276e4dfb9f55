// What a SQLite file holds, taken over into the same tables elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "sql/database.h"

namespace lintel::sql {

struct CopiedTable {
    std::string name;
    std::int64_t rows = 0;
};

/// Copies every row of every table of a file, but for the record of its schema, into tables that
/// the same migrations made and that are empty. Counts on both sides; Internal when they differ.
Result<std::vector<CopiedTable>> copy_file(Transaction& file, Transaction& to);

}  // namespace lintel::sql
