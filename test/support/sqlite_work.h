// How much SQLite works for what a test does, in steps of its virtual machine: the same on every
// machine and at every run, which no clock is.
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace lintel::support {

/// Role: counts the steps of every statement that ends while it lives, on connections that were
/// opened while it lived. One at a time, used by one thread.
class SqliteWork {
public:
    SqliteWork() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    SqliteWork(const SqliteWork&) = delete;
    SqliteWork& operator=(const SqliteWork&) = delete;
    ~SqliteWork() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }

    /// Since the last time it was asked.
    static std::int64_t take() {
        const std::int64_t taken = steps_;
        steps_ = 0;
        return taken;
    }

private:
    static int watch(sqlite3* connection, const char** /*error*/, const sqlite3_api_routines*) {
        return sqlite3_trace_v2(connection, SQLITE_TRACE_PROFILE, &count, nullptr);
    }
    static int count(unsigned /*event*/, void* /*context*/, void* statement, void* /*took*/) {
        steps_ += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement),
                                      SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }

    inline static std::int64_t steps_ = 0;
};

}  // namespace lintel::support
