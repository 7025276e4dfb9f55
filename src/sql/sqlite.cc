// The SQLite engine: write-ahead log, synchronous=FULL (what commit() acknowledged survives a power
// cut), one writer.
#include <sqlite3.h>

#include <system_error>
#include <unordered_map>

#include "sql/connection.h"

namespace lintel::sql {

namespace {

constexpr int kBusyTimeoutMs = 5000;

using Handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Error error_of(sqlite3* handle, int result) {
    const std::string cause = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
    const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : result;
    if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return {.code = Code::NameTaken,
                .message = "An object with this name exists already.",
                .cause = cause};
    }
    Error error{.code = Code::StoreUnavailable, .message = {}, .cause = cause};
    switch (result & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            error.message = "The store is busy with other changes.";
            error.retryable = true;
            break;
        case SQLITE_FULL:
            error.message = "The disk of the store is full; nothing was changed.";
            error.retryable = true;
            break;
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            error.message = "The store cannot be written; nothing was changed.";
            break;
        case SQLITE_IOERR:
            error.message = "The disk of the store reported an error; nothing was changed.";
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: error.message = "The store's file is damaged."; break;
        default:
            error.code = Code::Internal;
            error.message = "The store refused a statement.";
            break;
    }
    return error;
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        sqlite3_bind_int64(statement, index, *integer);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        sqlite3_bind_int(statement, index, *flag ? 1 : 0);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        // The values outlive the run of the statement, so SQLite need not copy them.
        sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                            SQLITE_UTF8);
    } else {
        sqlite3_bind_null(statement, index);
    }
}

void read_column(sqlite3_stmt* statement, int index, Value& into) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER: into = std::int64_t{sqlite3_column_int64(statement, index)}; return;
        case SQLITE_NULL: into = std::monostate{}; return;
        default: break;
    }
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
    const std::string_view text(bytes,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
    if (auto* before = std::get_if<std::string>(&into)) {
        before->assign(text);  // into its memory
    } else {
        into.emplace<std::string>(text);
    }
}

void read_row(sqlite3_stmt* statement, Row& row) {
    std::vector<Value>& columns = row.columns();
    columns.resize(static_cast<std::size_t>(sqlite3_column_count(statement)));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        read_column(statement, static_cast<int>(i), columns[i]);
    }
}

class SqliteConnection final : public Connection {
public:
    explicit SqliteConnection(Handle handle) : handle_(std::move(handle)) {}
    ~SqliteConnection() override { statements_.clear(); }

    Status begin(Access access) override {
        // IMMEDIATE takes the write lock now, so a transaction cannot fail half-way for want of it.
        return run_script(access == Access::Write ? "BEGIN IMMEDIATE" : "BEGIN");
    }
    Status commit() override { return run_script("COMMIT"); }
    void roll_back() override {
        // SQLite rolls back by itself on some errors; a second ROLLBACK then has nothing to do.
        if (sqlite3_get_autocommit(handle_.get()) == 0) {
            sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }
    std::int64_t changed_rows() const override { return sqlite3_changes64(handle_.get()); }
    // The one process that serves from the file knows what it changed.
    Status notify() override { return {}; }

    Status run_script(std::string_view text) override {
        const std::string terminated(text);
        const int result =
            sqlite3_exec(handle_.get(), terminated.c_str(), nullptr, nullptr, nullptr);
        if (result != SQLITE_OK) { return fail(error_of(handle_.get(), result)); }
        return {};
    }

    Status each(std::string_view text, const std::vector<Value>& values,
                const RowVisitor& visit) override {
        ASSIGN_OR_RETURN(sqlite3_stmt* const statement, prepared(text));
        for (std::size_t i = 0; i < values.size(); ++i) {
            // By name, not by position: SQLite numbers "$1" in order of appearance.
            const std::string name = "$" + std::to_string(i + 1);
            const int index = sqlite3_bind_parameter_index(statement, name.c_str());
            if (index > 0) { bind(statement, index, values[i]); }
        }
        const Status visited = visit_rows(statement, visit);
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        return visited;
    }

private:
    Status visit_rows(sqlite3_stmt* statement, const RowVisitor& visit) {
        Row row;
        int result = sqlite3_step(statement);
        for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
            read_row(statement, row);
            RETURN_IF_ERROR(visit(row));
        }
        if (result != SQLITE_DONE) { return fail(error_of(handle_.get(), result)); }
        return {};
    }

    Result<sqlite3_stmt*> prepared(std::string_view text) {
        const auto known = statements_.find(std::string(text));
        if (known != statements_.end()) { return known->second.get(); }
        if (statements_.size() >= kMaxCachedStatements) { statements_.clear(); }
        sqlite3_stmt* statement = nullptr;
        const int result =
            sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()),
                               SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (result != SQLITE_OK) { return fail(error_of(handle_.get(), result)); }
        statements_.emplace(std::string(text), Statement(statement, &sqlite3_finalize));
        return statement;
    }

    Handle handle_;
    std::unordered_map<std::string, Statement> statements_;
};

std::unexpected<Error> cannot_open(const std::filesystem::path& file, const std::string& why,
                                   const std::string& cause) {
    return fail(Code::StartFailed,
                "The store " + file.string() + " cannot be opened: " + why +
                    ". Check the path, its permissions and the free space.",
                cause);
}

Result<std::unique_ptr<Connection>> connect(const std::filesystem::path& file, Access access) {
    sqlite3* raw = nullptr;
    const int result =
        sqlite3_open_v2(file.c_str(), &raw,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Handle handle(raw, &sqlite3_close);
    if (result != SQLITE_OK) {
        return cannot_open(file, sqlite3_errstr(result), raw != nullptr ? sqlite3_errmsg(raw) : "");
    }
    sqlite3_busy_timeout(handle.get(), kBusyTimeoutMs);
    sqlite3_extended_result_codes(handle.get(), 1);
    const char* settings = access == Access::Write
                               ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                 "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                               : "PRAGMA foreign_keys=ON; PRAGMA query_only=ON;"
                                 "PRAGMA trusted_schema=OFF;";
    auto connection = std::make_unique<SqliteConnection>(std::move(handle));
    const Status set = connection->run_script(settings);
    if (!set) { return cannot_open(file, set.error().message, set.error().cause); }
    return connection;
}

}  // namespace

Result<std::shared_ptr<Pool>> open_pool(const std::filesystem::path& file) {
    auto pool = std::make_shared<Pool>();
    ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer, connect(file, Access::Write));
    // A directory that cannot be written shows only when something is written.
    const Status writable = writer->run_script("BEGIN IMMEDIATE; PRAGMA user_version=0; COMMIT");
    if (!writable) {
        writer->roll_back();
        return cannot_open(file, writable.error().message, writable.error().cause);
    }
    pool->give_back(std::move(writer), Access::Write);
    for (std::size_t i = 0; i < kReaders; ++i) {
        ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader, connect(file, Access::Read));
        pool->give_back(std::move(reader), Access::Read);
    }
    return pool;
}

}  // namespace lintel::sql
