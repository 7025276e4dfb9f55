// A request that no client sent: an owner tries an api through all phases of the pipeline, on a
// snapshot of its own that traffic never sees. It is counted nowhere and in no log.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "async/waiter.h"
#include "base/ip_address.h"
#include "gateway/snapshot.h"

namespace lintel::gateway {

class Worker;

/// Owns all of its texts: it crosses from a management thread to a worker.
struct DebugRequest {
    std::string method = {};
    std::string target = {};  ///< path and query as a client would send them
    std::string host = {};
    std::vector<std::pair<std::string, std::string>> fields = {};  ///< without Host and framing
    std::string body = {};
    IpAddress client = {};
    bool secure = false;  ///< as if it had come by https
    std::chrono::milliseconds timeout{};
};

struct DebugAnswer {
    /// What is kept of a body.
    static constexpr std::size_t kMaxBody = 2U << 20;

    int status = 0;  ///< 0: there was none in time
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> trailers = {};
    bool is_truncated = false;
    std::string trace = {};  ///< trace_json()
};

/// Role: one debug call on its way to a worker and back. Shared by the management thread that waits
/// and the worker; whichever leaves last frees it. The snapshot must not be freed on the worker, so
/// the one who waits keeps it, too.
class DebugJob {
public:
    DebugJob(std::shared_ptr<const Snapshot> snapshot, DebugRequest request)
        : snapshot_(std::move(snapshot)), request_(std::move(request)) {}
    DebugJob(const DebugJob&) = delete;
    DebugJob& operator=(const DebugJob&) = delete;

    /// For the worker.
    const Snapshot& snapshot() const { return *snapshot_; }
    const DebugRequest& request() const { return request_; }
    void finish(DebugAnswer answer);
    /// For the one who waits; none when the worker ended before it answered.
    std::optional<DebugAnswer> await();

private:
    /// A worker keeps the deadline itself; this is for one that ends meanwhile.
    static constexpr std::chrono::milliseconds kPatience{5'000};

    std::shared_ptr<const Snapshot> snapshot_;
    DebugRequest request_;
    std::mutex mutex_;
    std::condition_variable finished_;
    std::optional<DebugAnswer> answer_;
};

/// Takes the request through the pipeline of the worker, on its loop; the call ends at its deadline
/// or when `ended` is cancelled. Finishes the job.
Task<void> run_debug_call(Worker& worker, std::shared_ptr<DebugJob> job, async::Waiter& ended);

}  // namespace lintel::gateway
