#include "sql/copy.h"

#include <cstddef>

namespace lintel::sql {

namespace {

/// The order they were made in is one their references allow.
constexpr std::string_view kTables =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    " AND name <> 'migrations' ORDER BY rowid";
/// Documents may be large.
constexpr std::int64_t kRowsAtOnce = 100;

Result<std::int64_t> count_rows(Transaction& tx, const std::string& table) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows, tx.query("SELECT COUNT(*) FROM " + table));
    return rows.front().integer(0);
}

/// Rows whose first column is no part of the table. The same migrations made both tables, so their
/// columns have the same order.
Status insert(Transaction& to, const std::string& table, const std::vector<Row>& rows) {
    std::string text = "INSERT INTO " + table + " VALUES ";
    std::vector<Value> values;
    for (const Row& row : rows) {
        text += values.empty() ? "(" : ", (";
        for (std::size_t column = 1; column < row.size(); ++column) {
            values.push_back(row.value(column));
            text += (column == 1 ? "$" : ", $") + std::to_string(values.size());
        }
        text += ")";
    }
    RETURN_IF_ERROR(to.query(text, values));
    return {};
}

Result<std::int64_t> copy_table(Transaction& file, Transaction& to, const std::string& table) {
    const std::string next =
        "SELECT rowid, * FROM " + table + " WHERE rowid > $1 ORDER BY rowid LIMIT $2";
    std::int64_t last = 0;
    while (true) {
        ASSIGN_OR_RETURN(const std::vector<Row> rows, file.query(next, {last, kRowsAtOnce}));
        if (rows.empty()) { break; }
        RETURN_IF_ERROR(insert(to, table, rows));
        last = rows.back().integer(0);
    }
    ASSIGN_OR_RETURN(const std::int64_t there, count_rows(file, table));
    ASSIGN_OR_RETURN(const std::int64_t here, count_rows(to, table));
    if (there == here) { return here; }
    return fail(Code::Internal, "Not every row arrived; nothing was changed.",
                table + " has " + std::to_string(there) + " rows, " + std::to_string(here) +
                    " were copied");
}

}  // namespace

Result<std::vector<CopiedTable>> copy_file(Transaction& file, Transaction& to) {
    ASSIGN_OR_RETURN(const std::vector<Row> tables, file.query(kTables));
    std::vector<CopiedTable> copied;
    for (const Row& row : tables) {
        const std::string table = row.text(0);
        ASSIGN_OR_RETURN(const std::int64_t rows, copy_table(file, to, table));
        copied.push_back({table, rows});
    }
    return copied;
}

}  // namespace lintel::sql
