// Notices when memory runs short, before the kernel does: then calls are refused, and nearer to the
// end connections, so that those under way can finish.
#pragma once

#include <atomic>
#include <cstdint>

#include "async/deadline.h"
#include "async/loop.h"
#include "http/connection_limits.h"

namespace lintel::gateway {

/// Role: the state that workers look at. Owner: the Gateway. judge() is for one thread, the rest
/// for any.
class MemoryPressure {
public:
    /// In per cent of the budget; what was refused is admitted again five below.
    static constexpr std::uint64_t kRefuseCallsAt = 85;
    static constexpr std::uint64_t kRefuseConnectionsAt = 95;

    /// `budget` 0: memory is never short.
    MemoryPressure(std::uint64_t budget, http::ConnectionLimits& connections)
        : budget_(budget), connections_(connections) {}

    bool has_budget() const { return budget_ > 0; }
    /// Calls are to be refused.
    bool is_high() const { return high_.load(std::memory_order_relaxed); }
    /// Decides by the bytes in use.
    void judge(std::uint64_t bytes);

private:
    const std::uint64_t budget_;
    http::ConnectionLimits& connections_;
    std::atomic<bool> high_{false};
    bool doors_closed_ = false;
};

/// Role: measures four times a second. Owner: one worker, on its loop's thread.
class MemoryWatch final : private async::Timer {
public:
    MemoryWatch(async::Loop& loop, MemoryPressure& pressure);

private:
    void expired() override;

    async::Loop& loop_;
    MemoryPressure& pressure_;
    std::uint64_t trimmed_at_ms_ = 0;
};

/// What the process holds of the machine's memory; 0 when the kernel does not say.
std::uint64_t resident_bytes();
/// What the control group of the process may use; 0 when it has no limit.
std::uint64_t control_group_limit();

}  // namespace lintel::gateway
