#include "gateway/memory_watch.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include "base/heap.h"
#include "base/log.h"

namespace lintel::gateway {
namespace {

constexpr std::chrono::milliseconds kEvery{256};
constexpr std::uint64_t kTrimEveryMs = 1000;
constexpr std::uint64_t kEasesBy = 5;  ///< per cent

/// The first number in a file; 0 when there is none ("max").
std::uint64_t number_in(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    return file >> number ? number : 0;
}

/// Path of the process in a hierarchy: "0::/lintel.slice" (version 2), "7:memory:/lintel"
/// (version 1).
std::string control_group_path(std::string_view hierarchy) {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t at = line.find(hierarchy);
        if (at != std::string::npos) { return line.substr(at + hierarchy.size()); }
    }
    return {};
}

}  // namespace

void MemoryPressure::judge(std::uint64_t bytes) {
    const std::uint64_t percent = bytes * 100 / budget_;
    const bool was_high = is_high();
    const bool high = percent >= (was_high ? kRefuseCallsAt - kEasesBy : kRefuseCallsAt);
    if (high != was_high) {
        log::warn(high ? "memory is short: calls are refused" : "memory is no longer short",
                  {{"used", bytes}, {"budget", budget_}});
        high_.store(high, std::memory_order_relaxed);
    }
    doors_closed_ =
        percent >= (doors_closed_ ? kRefuseConnectionsAt - kEasesBy : kRefuseConnectionsAt);
    connections_.close_doors(doors_closed_);
}

MemoryWatch::MemoryWatch(async::Loop& loop, MemoryPressure& pressure)
    : loop_(loop), pressure_(pressure) {
    if (pressure_.has_budget()) { expired(); }
}

void MemoryWatch::expired() {
    pressure_.judge(resident_bytes());
    if (pressure_.is_high() && loop_.now_ms() >= trimmed_at_ms_ + kTrimEveryMs) {
        // What was freed may still be held by the allocator; the kernel counts it as ours.
        trimmed_at_ms_ = loop_.now_ms();
        release_freed_memory();
    }
    loop_.deadlines().arm(*this, loop_.after(kEvery));
}

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    if (!(file >> size >> resident)) { return 0; }
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t control_group_limit() {
    std::uint64_t limit = number_in("/sys/fs/cgroup" + control_group_path("0::") + "/memory.max");
    if (limit == 0) {
        limit = number_in("/sys/fs/cgroup/memory" + control_group_path(":memory:") +
                          "/memory.limit_in_bytes");
    }
    // Version 1 writes "no limit" as a number near the largest.
    constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max() / 2;
    return limit >= kNoLimit ? 0 : limit;
}

}  // namespace lintel::gateway
