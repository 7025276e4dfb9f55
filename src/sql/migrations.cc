#include "sql/migrations.h"

#include <string>
#include <vector>

namespace lintel::sql {

namespace {

constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS migrations ("
    " number BIGINT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " checksum TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL)";

std::unexpected<Error> refuse(std::string message) {
    return fail(Code::StartFailed, std::move(message));
}

Status check_applied(const Row& row, std::span<const Migration> known) {
    const std::int64_t number = row.integer(0);
    const std::string name = row.text(1);
    if (number > static_cast<std::int64_t>(known.size())) {
        return refuse("The store has the schema of a newer version of Lintel (" + name +
                      "); this version knows up to number " + std::to_string(known.size()) +
                      ". Start the newer version, or restore a backup made by this one.");
    }
    const Migration& migration = known[static_cast<std::size_t>(number - 1)];
    if (row.text(2) != migration.checksum) {
        return refuse("The schema change " + name +
                      " was applied to this store in another form than this version has it. "
                      "Start the version that made the store, or restore a backup.");
    }
    return {};
}

}  // namespace

Result<std::size_t> applied(Transaction& tx, std::span<const Migration> migrations) {
    ASSIGN_OR_RETURN(const std::vector<Row> rows,
                     tx.query("SELECT number, name, checksum FROM migrations ORDER BY number"));
    for (const Row& row : rows) {
        RETURN_IF_ERROR(check_applied(row, migrations));
    }
    return rows.size();
}

Result<std::size_t> migrate(Transaction& tx, std::span<const Migration> migrations,
                            const Clock& clock) {
    RETURN_IF_ERROR(tx.execute(kTable));
    ASSIGN_OR_RETURN(const std::size_t before, applied(tx, migrations));
    for (const Migration& migration : migrations.subspan(before)) {
        const Status done = tx.run_script(migration.text);
        if (!done) {
            return fail(Code::StartFailed,
                        "The schema change " + std::string(migration.name) +
                            " failed; the store is as it was before.",
                        done.error().cause);
        }
        RETURN_IF_ERROR(tx.execute(
            "INSERT INTO migrations (number, name, checksum, applied_at)"
            " VALUES ($1, $2, $3, $4)",
            {migration.number, std::string(migration.name), migration.checksum, clock.now_ms()}));
    }
    return before;
}

Status migrate(Database& database, std::span<const Migration> migrations, const Clock& clock) {
    ASSIGN_OR_RETURN(Transaction tx, database.begin(Access::Write));
    RETURN_IF_ERROR(migrate(tx, migrations, clock));
    return tx.commit();
}

}  // namespace lintel::sql
