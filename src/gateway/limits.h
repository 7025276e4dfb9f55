// State that outlives snapshots: limiter words and outbound rules. Found by stable ids, so that a
// publish or a live change resets nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"

namespace lintel::gateway {

/// A fixed-window counter in one 64-bit word: window number and count, moved by one
/// compare-and-swap. Exact over all workers: of N requests in a window with limit L exactly min(N,
/// L) are admitted. Thread-safe.
///
/// Windows never run backwards: a caller whose clock is behind counts in the window already begun.
/// Only when the clock was set back by more than kClockStep and more than a window does the counter
/// follow it, with the count it had, so that a step back never admits more.
class WindowCounter {
public:
    static constexpr std::int64_t kMaxLimit = (1 << 24) - 1;
    static constexpr std::int64_t kClockStepMs = 60'000;

    struct Decision {
        bool admitted;
        std::int64_t remaining;
        std::int64_t reset_ms;  ///< until the window ends
    };
    /// `origin` is when the first window began; windows have `length` milliseconds. An `origin`
    /// still to come counts as begun.
    Decision take(std::int64_t limit, TimeMs origin, std::int64_t length_ms, TimeMs now);

private:
    std::atomic<std::uint64_t> word_{0};
};

/// All counters of the process by stable id. Thread-safe; asked at build time only, never per
/// request.
class Counters {
public:
    /// Counters that no snapshot uses any more are kept, so that stopping and starting a service
    /// resets nothing; beyond this number the unused ones are dropped.
    static constexpr std::size_t kMaxUnused = 100'000;

    /// The same id gives the same counter.
    std::shared_ptr<WindowCounter> window(std::string_view id);
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<WindowCounter>> windows_;
    std::size_t sweep_at_ = kMaxUnused;
};

/// Which addresses the connector may reach. Own listeners and stores and link-local addresses are
/// refused always.
struct OutboundRules {
    bool allow_private = true;     ///< loopback and private ranges
    std::vector<IpRange> allowed;  ///< allow-list for private ranges when allow_private is false
    struct Endpoint {
        IpAddress address;  ///< unspecified = every address of this machine
        std::uint16_t port;
    };
    std::vector<Endpoint> own;     ///< our listeners and stores
    std::vector<IpAddress> local;  ///< what this machine is called, besides loopback

    /// Empty when allowed, else the reason.
    std::string_view refusal_for(const IpAddress& address, std::uint16_t port) const;
};

/// Of all its network interfaces, as they are now.
std::vector<IpAddress> addresses_of_this_machine();

}  // namespace lintel::gateway
