#include "sql/database.h"

#include "base/assert.h"
#include "sql/connection.h"

namespace lintel::sql {

const std::string& Row::text(std::size_t column) const {
    const auto* value = std::get_if<std::string>(&columns_.at(column));
    LINTEL_ASSERT(value != nullptr, "the column does not hold text");
    return *value;
}

std::int64_t Row::integer(std::size_t column) const {
    const auto* value = std::get_if<std::int64_t>(&columns_.at(column));
    LINTEL_ASSERT(value != nullptr, "the column does not hold an integer");
    return *value;
}

bool Row::flag(std::size_t column) const {
    const Value& value = columns_.at(column);
    if (const auto* flag = std::get_if<bool>(&value)) { return *flag; }
    return integer(column) != 0;
}

bool Row::is_null(std::size_t column) const {
    return std::holds_alternative<std::monostate>(columns_.at(column));
}

Transaction::Transaction(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection,
                         Access access)
    : pool_(std::move(pool)), connection_(std::move(connection)), access_(access) {}

Transaction::Transaction(Transaction&& other) noexcept
    : pool_(std::move(other.pool_)),
      connection_(std::move(other.connection_)),
      access_(other.access_),
      is_open_(std::exchange(other.is_open_, false)) {}

Transaction::~Transaction() {
    if (!connection_) { return; }
    if (is_open_) { connection_->roll_back(); }
    pool_->give_back(std::move(connection_), access_);
}

Result<std::vector<Row>> Transaction::query(std::string_view text,
                                            std::initializer_list<Value> values) {
    return query(text, std::vector<Value>(values));
}

Result<std::vector<Row>> Transaction::query(std::string_view text,
                                            const std::vector<Value>& values) {
    std::vector<Row> rows;
    RETURN_IF_ERROR(each(text, values, [&rows](Row& row) -> Status {
        rows.push_back(std::move(row));
        return {};
    }));
    return rows;
}

Status Transaction::each(std::string_view text, const std::vector<Value>& values,
                         const RowVisitor& visit) {
    LINTEL_ASSERT(is_open_, "the transaction is over");
    return connection_->each(text, values, visit);
}

Result<std::optional<Row>> Transaction::query_one(std::string_view text,
                                                  std::initializer_list<Value> values) {
    ASSIGN_OR_RETURN(std::vector<Row> rows, query(text, values));
    LINTEL_ASSERT(rows.size() <= 1, "the query gave more than one row");
    if (rows.empty()) { return std::optional<Row>(); }
    return std::optional<Row>(std::move(rows.front()));
}

Result<std::int64_t> Transaction::execute(std::string_view text,
                                          std::initializer_list<Value> values) {
    RETURN_IF_ERROR(query(text, values));
    return connection_->changed_rows();
}

Status Transaction::run_script(std::string_view text) {
    LINTEL_ASSERT(is_open_, "the transaction is over");
    return connection_->run_script(text);
}

Status Transaction::notify() {
    LINTEL_ASSERT(is_open_, "the transaction is over");
    return connection_->notify();
}

Status Transaction::commit() {
    LINTEL_ASSERT(is_open_, "the transaction is over");
    RETURN_IF_ERROR(connection_->commit());
    is_open_ = false;
    // Given back now, so that the next writer need not wait for what the caller does afterwards.
    pool_->give_back(std::move(connection_), access_);
    return {};
}

Result<Database> Database::open(const std::filesystem::path& file) {
    ASSIGN_OR_RETURN(std::shared_ptr<Pool> pool, open_pool(file));
    return Database(std::move(pool));
}

Result<Database> Database::open(const Server& server) {
    ASSIGN_OR_RETURN(std::shared_ptr<Pool> pool, open_pool(server));
    return Database(std::move(pool));
}

std::unique_ptr<Listener> Database::listen() const {
    return pool_->listen();
}

std::optional<ServerAddress> Database::address() const {
    return pool_->address();
}

Result<Transaction> Database::begin(Access access) {
    ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, pool_->take(access));
    const Status begun = connection->begin(access);
    if (!begun) {
        pool_->give_back(std::move(connection), access);
        return fail(begun.error());
    }
    return Transaction(pool_, std::move(connection), access);
}

}  // namespace lintel::sql
