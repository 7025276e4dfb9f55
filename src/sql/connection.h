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

class Connection {
public:
    virtual ~Connection() = default;
    virtual Status begin(Access access) = 0;
    virtual Status commit() = 0;
    virtual void roll_back() = 0;
    virtual Result<std::vector<Row>> query(std::string_view text,
                                           const std::vector<Value>& values) = 0;
    virtual std::int64_t changed_rows() const = 0;
    virtual Status run_script(std::string_view text) = 0;
};

/// Role: lends the one writing connection and a few reading ones. Any thread; shared with the open
/// transactions, which give their connections back to it.
struct Pool {
    Result<std::unique_ptr<Connection>> take(Access access);
    void give_back(std::unique_ptr<Connection> connection, Access access);

    std::mutex mutex;
    std::condition_variable returned;
    std::vector<std::unique_ptr<Connection>> writers;
    std::vector<std::unique_ptr<Connection>> readers;
};

/// Implemented by the engine.
Result<std::shared_ptr<Pool>> open_pool(const std::filesystem::path& file);

}  // namespace lintel::sql
