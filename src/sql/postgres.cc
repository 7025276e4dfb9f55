// The PostgreSQL engine. Several processes may use one database: a writing transaction holds an
// advisory lock from its first moment, so that what it reads is still so when it writes.
#include <libpq-fe.h>

#include <charconv>
#include <unordered_map>

#include <fmt/core.h>

#include "base/text.h"
#include "sql/connection.h"
#include "sql/postgres_listener.h"
#include "sql/postgres_session.h"

namespace lintel::sql {

namespace {

// READ COMMITTED, so that each statement sees what the holder of the lock before has committed: a
// snapshot of the whole transaction would be as old as its wait for the lock. The number says
// "lintel"; it is released by the end of the transaction, once that can be seen by others.
constexpr const char* kBeginWrite =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT "
    "pg_advisory_xact_lock(119200080487788)";
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Changes of the schema may take long, and no caller waits for them.
constexpr std::chrono::minutes kScriptPatience{11};
// Longer than the server lets a writer wait for its turn.
constexpr std::chrono::seconds kTurnPatience{12};
// For what costs the server nothing.
constexpr std::chrono::seconds kAnswerPatience{5};

// Texts compare by bytes as in SQLite, whatever language the database was made for: ids sort by
// time, pages follow each other, and LOWER() touches what to_lower() does.
constexpr const char* kCompareByBytes = R"(
DO $$ DECLARE found RECORD; BEGIN
    FOR found IN SELECT c.oid::regclass AS relation, a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
            AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'text'::regtype
            AND a.attcollation <> '"C"'::regcollation
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE text COLLATE "C"',
                       found.relation, found.attname);
    END LOOP;
END $$)";

// Types of columns, from the server's catalogue; they never change.
constexpr Oid kBool = 16;
constexpr Oid kBigint = 20;
constexpr Oid kSmallint = 21;
constexpr Oid kInteger = 23;

Value value_of(const PGresult* result, int row, int index) {
    if (PQgetisnull(result, row, index) == 1) { return std::monostate{}; }
    const std::string_view text(PQgetvalue(result, row, index),
                                static_cast<std::size_t>(PQgetlength(result, row, index)));
    switch (PQftype(result, index)) {
        case kBool: return text == "t";
        case kBigint:
        case kInteger:
        case kSmallint: {
            std::int64_t number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            return number;
        }
        default: return std::string(text);
    }
}

Status visit_rows(const PGresult* result, const RowVisitor& visit) {
    const int count = PQntuples(result);
    const auto width = static_cast<std::size_t>(PQnfields(result));
    Row row;
    for (int at = 0; at < count; ++at) {
        std::vector<Value>& columns = row.columns();
        columns.resize(width);
        for (std::size_t i = 0; i < width; ++i) {
            columns[i] = value_of(result, at, static_cast<int>(i));
        }
        RETURN_IF_ERROR(visit(row));
    }
    return {};
}

std::int64_t changed_by(PGresult* result) {
    const std::string_view text(PQcmdTuples(result));
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class PostgresConnection final : public Connection {
public:
    explicit PostgresConnection(std::shared_ptr<PostgresServer> server)
        : session_(std::move(server)) {}

    Status begin(Access access) override {
        const char* const script = access == Access::Write ? kBeginWrite : kBeginRead;
        const auto patience = access == Access::Write ? kTurnPatience : kAnswerPatience;
        if (session_.is_open()) {
            const auto begun = session_.execute(script, patience);
            if (begun) { return {}; }
            if (session_.is_open()) {
                roll_back();
                return fail(begun.error());
            }
            // The server went away since the last transaction; of this one it knows nothing.
        }
        RETURN_IF_ERROR(session_.open());
        statements_.clear();
        const auto begun = session_.execute(script, patience);
        if (!begun) {
            roll_back();
            return fail(begun.error());
        }
        return {};
    }

    Status commit() override {
        RETURN_IF_ERROR(require_open());
        auto done = session_.execute("COMMIT");
        if (!done) {
            if (!session_.is_open()) {
                done.error().message =
                    "The connection to the store was lost during the change; look whether it was "
                    "made before you repeat it.";
                done.error().retryable = false;
            }
            return fail(std::move(done.error()));
        }
        // What failed and was overlooked was not committed.
        if (std::string_view(PQcmdStatus(done->get())) != "COMMIT") {
            return fail(Code::Internal, "The store refused a statement.",
                        "COMMIT of a transaction in which a statement had failed");
        }
        return {};
    }

    void roll_back() override {
        if (!session_.is_open()) { return; }
        // One that cannot even roll back is of no use any more.
        if (!session_.execute("ROLLBACK", kAnswerPatience)) { session_.close(); }
    }

    Status each(std::string_view text, const std::vector<Value>& values,
                const RowVisitor& visit) override {
        RETURN_IF_ERROR(require_open());
        ASSIGN_OR_RETURN(const std::string name, prepared(text));
        ASSIGN_OR_RETURN(const PostgresResult result, session_.run(name, values));
        changed_rows_ = changed_by(result.get());
        return visit_rows(result.get(), visit);
    }

    std::int64_t changed_rows() const override { return changed_rows_; }

    Status run_script(std::string_view text) override {
        RETURN_IF_ERROR(require_open());
        RETURN_IF_ERROR(session_.execute("SET LOCAL statement_timeout = '10min'"));
        const std::string script = std::string(text) + ";" + kCompareByBytes;
        const auto done = session_.execute(script.c_str(), kScriptPatience);
        if (!done) { return fail(done.error()); }
        return forget_statements();  // they know the schema before
    }

    Status notify() override {
        RETURN_IF_ERROR(require_open());
        const auto done = session_.execute(kNotify);
        if (!done) { return fail(done.error()); }
        return {};
    }

private:
    /// The connection may have been lost by the statement before.
    Status require_open() const {
        if (session_.is_open()) { return {}; }
        return fail({.code = Code::StoreUnavailable,
                     .message = "The connection to the store was lost.",
                     .cause = {},
                     .retryable = true});
    }

    Status forget_statements() {
        RETURN_IF_ERROR(session_.execute("DEALLOCATE ALL"));
        statements_.clear();
        return {};
    }

    Result<std::string> prepared(std::string_view text) {
        const auto known = statements_.find(std::string(text));
        if (known != statements_.end()) { return known->second; }
        if (statements_.size() >= kMaxCachedStatements) { RETURN_IF_ERROR(forget_statements()); }
        std::string name = fmt::format("s{}", statements_.size());
        RETURN_IF_ERROR(session_.prepare(name, text));
        statements_.emplace(std::string(text), name);
        return name;
    }

    PostgresSession session_;
    std::unordered_map<std::string, std::string> statements_;  ///< names by text
    std::int64_t changed_rows_ = 0;
};

class PostgresPool final : public Pool {
public:
    PostgresPool(std::shared_ptr<PostgresServer> server, std::optional<ServerAddress> address)
        : server_(std::move(server)), address_(std::move(address)) {
        give_back(std::make_unique<PostgresConnection>(server_), Access::Write);
        for (std::size_t i = 0; i < kReaders; ++i) {
            give_back(std::make_unique<PostgresConnection>(server_), Access::Read);
        }
    }

    std::unique_ptr<Listener> listen() const override { return listen_to(server_); }
    std::optional<ServerAddress> address() const override { return address_; }

private:
    std::shared_ptr<PostgresServer> server_;
    std::optional<ServerAddress> address_;
};

std::optional<ServerAddress> address_of(const PGconn* connection) {
    const std::string_view host(PQhostaddr(connection));
    const std::string_view port(PQport(connection));
    ServerAddress address{.host = std::string(host)};
    std::from_chars(port.data(), port.data() + port.size(), address.port);
    const bool is_unix = host.empty() || host.starts_with('/') || host.starts_with('@');
    return is_unix ? std::nullopt : std::optional(std::move(address));
}

}  // namespace

Result<std::shared_ptr<Pool>> open_pool(const Server& server) {
    const auto shared = std::make_shared<PostgresServer>(server);
    const auto first = shared->connect();
    if (!first) {
        return fail(Code::StartFailed,
                    fmt::format("The store {} cannot be opened: {}.\n  Check that the server runs "
                                "and that host, port, database, user and password are right.",
                                shared->shown(), first.error().cause));
    }
    return std::make_shared<PostgresPool>(shared, address_of(first->get()));
}

}  // namespace lintel::sql
