// One session with a PostgreSQL server, in which no wait is without an end. Private to the sql
// module.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/database.h"

struct pg_conn;
struct pg_result;

namespace lintel::sql {

struct PostgresDeleter {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
};
using PostgresHandle = std::unique_ptr<pg_conn, PostgresDeleter>;
using PostgresResult = std::unique_ptr<pg_result, PostgresDeleter>;

/// Role: makes connections to one server. Shared by the sessions of a pool; any thread.
class PostgresServer {
public:
    explicit PostgresServer(Server server) : server_(std::move(server)) {}

    /// A connection with the settings of the house. StoreUnavailable; for a moment after a failure
    /// at once, so that nobody queues up behind a server that does not answer.
    Result<PostgresHandle> connect();
    std::string shown() const { return shown_url(server_.url.reveal()); }

private:
    const Server server_;
    std::mutex mutex_;
    std::optional<Error> failure_;
    std::chrono::steady_clock::time_point failed_at_;
};

/// Role: a connection that is opened again after it was lost. Used by one thread at a time.
class PostgresSession {
public:
    /// Longer than the server lets a statement take.
    static constexpr std::chrono::milliseconds kPatience{25'000};

    explicit PostgresSession(std::shared_ptr<PostgresServer> server) : server_(std::move(server)) {}

    /// Opens it, or opens it again. The prepared statements of an earlier connection are gone.
    Status open();
    void close() { handle_.reset(); }
    bool is_open() const { return handle_ != nullptr; }
    /// REQUIRES: is_open().
    pg_conn* handle() const { return handle_.get(); }

    /// REQUIRES for all three: is_open(). An error that ends the connection leaves it closed, and
    /// so does a server that does not answer for longer than `patience`.
    /// Several statements at once, without values.
    Result<PostgresResult> execute(const char* script,
                                   std::chrono::milliseconds patience = kPatience);
    Status prepare(const std::string& name, std::string_view text);
    Result<PostgresResult> run(const std::string& name, const std::vector<Value>& values);

private:
    Result<PostgresResult> finish(bool sent, std::chrono::milliseconds patience);
    Status await_result(std::chrono::steady_clock::time_point deadline);
    Result<PostgresResult> judge(PostgresResult answer);
    std::unexpected<Error> lost(std::string cause);

    std::shared_ptr<PostgresServer> server_;
    PostgresHandle handle_;
};

}  // namespace lintel::sql
