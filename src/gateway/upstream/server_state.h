// What the process knows about one server of an upstream: whether it may be called, why not, and
// what it is doing. Lives outside the snapshot under upstream id and address, so that no publish
// and no live change makes a broken server look well.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/upstream/sliding_counts.h"
#include "gateway/upstream/status_set.h"

namespace lintel::gateway {

/// Judging a server by the calls it gets.
struct PassiveSettings {
    std::uint32_t failures = 5;  ///< in the window, to be ejected; 0 = never
    std::chrono::milliseconds window{10'000};
    std::chrono::milliseconds ejection{10'000};  ///< the first; doubled each time it fails again
    std::chrono::milliseconds max_ejection{300'000};
    std::uint32_t max_ejected_percent = 50;  ///< of the servers that get calls
    StatusSet statuses;                      ///< answers that are failures, besides none at all
};

/// Consecutive results that turn a checked server.
struct CheckThresholds {
    std::uint32_t healthy = 2;
    std::uint32_t unhealthy = 3;
    bool operator==(const CheckThresholds&) const = default;
};

/// A server as it is shown to operators.
struct ServerReport {
    bool available = true;
    std::optional<bool> up;  ///< what the checks say; none: not checked (yet)
    std::string last_check;  ///< how the last one ended, a sentence; empty: none yet
    std::uint64_t last_check_ms_ago = 0;
    std::uint64_t ejected_for_ms = 0;  ///< from now; 0 = not ejected
    std::uint64_t ejections = 0;
    std::string last_failure;  ///< of a call, a sentence; empty: none yet
    std::uint64_t in_flight = 0;
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
};

/// Role: one server's state. Thread-safe: workers read and count with atomics only; checks and
/// failures, which are rare, take the lock. Times are those of the monotonic clock.
class ServerState {
public:
    ServerState() = default;
    ServerState(const ServerState&) = delete;
    ServerState& operator=(const ServerState&) = delete;

    /// It begins to get calls of an upstream that is under way: its slow start begins.
    void join(std::uint64_t now_ms) { since_ms_.store(now_ms, std::memory_order_relaxed); }
    bool is_available(std::uint64_t now_ms) const {
        return up_.load(std::memory_order_relaxed) &&
               now_ms >= ejected_until_ms_.load(std::memory_order_relaxed);
    }
    /// Since when it may be called; 0 = from the start.
    std::uint64_t available_since_ms() const {
        return std::max(since_ms_.load(std::memory_order_relaxed),
                        ejected_until_ms_.load(std::memory_order_relaxed));
    }
    bool is_up() const { return up_.load(std::memory_order_relaxed); }
    bool is_ejected(std::uint64_t now_ms) const {
        return now_ms < ejected_until_ms_.load(std::memory_order_relaxed);
    }

    void begin_call() {
        in_flight_.fetch_add(1, std::memory_order_relaxed);
        calls_.fetch_add(1, std::memory_order_relaxed);
    }
    void end_call() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
    std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

    /// A call failed. True when there were too many lately: time to eject().
    bool note_failure(const PassiveSettings& settings, std::string_view why, std::uint64_t now_ms);
    /// Takes it out for a while, longer each time it did not stay well for as long as it was out.
    void eject(const PassiveSettings& settings, std::uint64_t now_ms);

    /// A check ended. True when it turned the server.
    bool note_check(const CheckThresholds& thresholds, bool good, std::string_view how,
                    std::uint64_t now_ms);
    /// It is not checked any more, so nothing is held against it.
    void forget_checks();

    ServerReport report(std::uint64_t now_ms) const;

private:
    std::atomic<bool> up_{true};
    std::atomic<std::uint64_t> ejected_until_ms_{0};
    std::atomic<std::uint64_t> since_ms_{0};
    std::atomic<std::uint32_t> in_flight_{0};
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> failures_{0};

    SlidingCounts recent_failures_;
    mutable std::mutex mutex_;  ///< guards what follows
    std::uint64_t ejections_ = 0;
    std::uint64_t last_ejection_ms_ = 0;  ///< how long the last one was
    std::string last_failure_;
    bool checked_ = false;
    std::uint32_t good_in_row_ = 0;
    std::uint32_t bad_in_row_ = 0;
    std::string last_check_;
    std::uint64_t last_check_at_ms_ = 0;
};

/// One call to a server, for as long as the request lives: what least_requests counts.
class ServerUse {
public:
    ServerUse() = default;
    ServerUse(const ServerUse&) = delete;
    ServerUse& operator=(const ServerUse&) = delete;
    ~ServerUse() { end(); }

    void begin(ServerState& server) {
        end();
        server_ = &server;
        server.begin_call();
    }
    void end() {
        if (server_ != nullptr) { server_->end_call(); }
        server_ = nullptr;
    }

private:
    ServerState* server_ = nullptr;  ///< kept by the snapshot that the request pins
};

}  // namespace lintel::gateway
