// A small SQL layer: a database, transactions, statements with named parameters, rows. The SQL text
// is the subset that SQLite and PostgreSQL share ($1 placeholders, TEXT BIGINT BOOLEAN, ON
// CONFLICT, RETURNING); what differs between engines stays in the engine's own file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "sql/server.h"

namespace lintel::sql {

/// A value bound to a placeholder; monostate is NULL.
using Value = std::variant<std::monostate, std::int64_t, bool, std::string>;

/// Role: one row of a result, copied out of the engine, so it lives as long as one likes.
class Row {
public:
    Row() = default;
    explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}

    /// REQUIRES: the column exists and has that type; a query and its reader are written together.
    const std::string& text(std::size_t column) const;
    std::int64_t integer(std::size_t column) const;
    bool flag(std::size_t column) const;
    bool is_null(std::size_t column) const;
    const Value& value(std::size_t column) const { return columns_.at(column); }
    std::size_t size() const { return columns_.size(); }
    /// For the engines: the columns of the next row go where those of the one before were.
    std::vector<Value>& columns() { return columns_; }

private:
    std::vector<Value> columns_;
};

/// Gets each row of a result in its turn and may keep it by moving from it. An error ends the
/// query.
using RowVisitor = std::function<Status(Row&)>;

class Connection;
class Pool;

enum class Access { Read, Write };

/// Role: one transaction on a leased connection; rolls back unless committed. Movable, used by one
/// thread at a time, must not outlive its Database. Write transactions exclude each other; a read
/// transaction sees one state of the database however long it lasts.
class Transaction {
public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Runs a statement and gives its rows. Placeholders $1, $2... take the values in order. Fails
    /// with NameTaken when a unique key exists already (the cause names it), else StoreUnavailable.
    Result<std::vector<Row>> query(std::string_view text, std::initializer_list<Value> values = {});
    Result<std::vector<Row>> query(std::string_view text, const std::vector<Value>& values);
    /// The same for results of any size: SQLite holds one row at a time, PostgreSQL's answer is
    /// held as it came. The visitor must not use the transaction.
    Status each(std::string_view text, const std::vector<Value>& values, const RowVisitor& visit);
    /// At most one row.
    Result<std::optional<Row>> query_one(std::string_view text,
                                         std::initializer_list<Value> values = {});
    /// Runs a statement and gives the number of rows it changed.
    Result<std::int64_t> execute(std::string_view text, std::initializer_list<Value> values = {});
    /// Several statements at once, without placeholders; for migrations.
    Status run_script(std::string_view text);
    /// Wakes the listeners of all processes once it is committed.
    Status notify();
    /// When this returns, the changes are on the disk.
    Status commit();

private:
    friend class Database;
    Transaction(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, Access access);

    std::shared_ptr<Pool> pool_;
    std::unique_ptr<Connection> connection_;
    Access access_;
    bool is_open_ = true;
};

/// Role: hears of what other processes commit to the same database, on a connection of its own.
/// Used by one thread; any other may interrupt it.
class Listener {
public:
    virtual ~Listener() = default;

    /// Returns when somebody has notified, when that could have been missed (the connection is
    /// new), after `longest`, or when interrupted.
    virtual void wait(std::chrono::milliseconds longest) = 0;
    /// Ends the wait under way, or else the next one.
    virtual void interrupt() = 0;
};

/// Where a database server is reached.
struct ServerAddress {
    std::string host;  ///< an IP address
    std::uint16_t port = 0;
};

/// Role: one database. Owned by the store; any thread may begin transactions.
class Database {
public:
    /// Makes the file when there is none. StartFailed with a sentence when the place cannot be
    /// used.
    static Result<Database> open(const std::filesystem::path& file);
    /// Connects to an existing database of a server. StartFailed with a sentence. A connection that
    /// is lost later is made again by the next transaction.
    static Result<Database> open(const Server& server);

    /// Waits for its turn; StoreUnavailable when that takes too long (another process holds the
    /// database) or the database cannot be used.
    Result<Transaction> begin(Access access);

    /// Null when no other process may write to the database.
    std::unique_ptr<Listener> listen() const;
    /// None for a file, and for a server on a unix socket.
    std::optional<ServerAddress> address() const;

private:
    explicit Database(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

    std::shared_ptr<Pool> pool_;
};

}  // namespace lintel::sql
