#include <chrono>

#include "sql/connection.h"

namespace lintel::sql {

namespace {
constexpr std::chrono::seconds kMaxWait{10};
}

Result<std::unique_ptr<Connection>> Pool::take(Access access) {
    std::vector<std::unique_ptr<Connection>>& idle = access == Access::Write ? writers_ : readers_;
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, kMaxWait, [&] { return !idle.empty(); })) {
        return fail({.code = Code::StoreUnavailable,
                     .message = "The store is busy with other changes.",
                     .cause = "no database connection became free within 10 s",
                     .retryable = true});
    }
    std::unique_ptr<Connection> connection = std::move(idle.back());
    idle.pop_back();
    return connection;
}

void Pool::give_back(std::unique_ptr<Connection> connection, Access access) {
    {
        const std::scoped_lock lock(mutex_);
        (access == Access::Write ? writers_ : readers_).push_back(std::move(connection));
    }
    returned_.notify_all();
}

}  // namespace lintel::sql
