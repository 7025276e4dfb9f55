// What an engine gives: connections, and the pool that lends them. Private to the sql module.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/database.h"

namespace lintel::sql {

/// Of a pool; there is one writer.
inline constexpr std::size_t kReaders = 3;
/// Of a connection.
inline constexpr std::size_t kMaxCachedStatements = 200;

class Connection {
public:
    virtual ~Connection() = default;
    /// After an error no transaction is open.
    virtual Status begin(Access access) = 0;
    virtual Status commit() = 0;
    virtual void roll_back() = 0;
    virtual Status each(std::string_view text, const std::vector<Value>& values,
                        const RowVisitor& visit) = 0;
    virtual std::int64_t changed_rows() const = 0;
    virtual Status run_script(std::string_view text) = 0;
    /// Wakes the listeners of all processes when the transaction is committed.
    virtual Status notify() = 0;
};

/// Role: lends the one writing connection and a few reading ones. Any thread; shared with the open
/// transactions, which give their connections back to it.
class Pool {
public:
    virtual ~Pool() = default;

    Result<std::unique_ptr<Connection>> take(Access access);
    void give_back(std::unique_ptr<Connection> connection, Access access);

    /// Null: no other process writes to such a database while this one serves.
    virtual std::unique_ptr<Listener> listen() const { return nullptr; }
    virtual std::optional<ServerAddress> address() const { return std::nullopt; }

private:
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> writers_;
    std::vector<std::unique_ptr<Connection>> readers_;
};

/// Implemented by the engines.
Result<std::shared_ptr<Pool>> open_pool(const std::filesystem::path& file);
Result<std::shared_ptr<Pool>> open_pool(const Server& server);

}  // namespace lintel::sql
