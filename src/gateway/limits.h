// State that outlives snapshots: limiter words, nonces and outbound rules. Found by stable ids, so
// that a publish or a live change resets nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "gateway/replay_guard.h"

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

/// The fixed windows of many callers in one table, counted as in WindowCounter: one word each, one
/// compare-and-swap, exact over all workers. A word whose window is over is the next caller's.
/// Thread-safe.
///
/// A caller is known by a hash that nobody can foresee; of a thousand callers two share a count
/// less than once in a million tables. Who finds no room because of all the others is refused: what
/// cannot be counted is not admitted.
class CallerCounters {
public:
    static constexpr std::int64_t kMaxLimit = (1 << 10) - 1;
    static constexpr std::size_t kPlaces = 1 << 16;
    static constexpr std::size_t kProbes = 64;  ///< places a caller's word may be at

    CallerCounters();
    /// `caller`: the bytes of an id or of an address.
    WindowCounter::Decision take(std::string_view caller, std::int64_t limit, TimeMs origin,
                                 std::int64_t length_ms, TimeMs now);

private:
    struct Free {
        void operator()(std::uint64_t* words) const { std::free(words); }
    };
    struct Place {
        std::uint64_t* word = nullptr;  ///< null: no room
        std::uint64_t seen = 0;         ///< what was in it
        bool is_own = false;            ///< else that of nobody, or of one whose window is over
    };
    Place find(std::uint64_t key, std::int64_t age, std::int64_t length_ms) const;

    std::uint64_t seed_;
    /// Memory nobody's word fell into costs nothing: an API with few callers has a small table.
    std::unique_ptr<std::uint64_t[], Free> words_;
};

/// States of one kind by their ids. Not thread-safe.
template <typename State>
class StatesById {
public:
    /// States that no snapshot uses any more are kept, so that stopping and starting a service
    /// resets nothing; beyond `max_unused` more than there were the unused ones are dropped.
    explicit StatesById(std::size_t max_unused) : max_unused_(max_unused), sweep_at_(max_unused) {}

    template <typename Make>
    std::shared_ptr<State> at(std::string_view id, Make make) {
        std::shared_ptr<State>& slot = states_[std::string(id)];
        if (slot == nullptr) { slot = make(); }
        std::shared_ptr<State> state = slot;
        if (states_.size() > sweep_at_) {
            std::erase_if(states_, [](const auto& entry) { return entry.second.use_count() == 1; });
            sweep_at_ = states_.size() + max_unused_;
        }
        return state;
    }
    std::size_t size() const { return states_.size(); }

private:
    std::unordered_map<std::string, std::shared_ptr<State>> states_;
    std::size_t max_unused_;
    std::size_t sweep_at_;
};

/// All that policies count and remember in the process, by stable id: the same id gives the same
/// state. Thread-safe; asked at build time only, never per request.
class Counters {
public:
    static constexpr std::size_t kMaxUnused = 100'000;
    static constexpr std::size_t kMaxUnusedTables = 1'000;
    /// What one policy remembers of nonces: up to 48 MB.
    static constexpr std::size_t kMaxNonces = 2'000'000;

    explicit Counters(std::size_t max_nonces = kMaxNonces) : max_nonces_(max_nonces) {}

    std::shared_ptr<WindowCounter> window(std::string_view id);
    std::shared_ptr<CallerCounters> callers(std::string_view id);
    std::shared_ptr<ReplayGuard> nonces(std::string_view id);
    std::size_t size() const;

private:
    std::size_t max_nonces_;
    mutable std::mutex mutex_;
    StatesById<WindowCounter> windows_{kMaxUnused};
    StatesById<CallerCounters> callers_{kMaxUnusedTables};
    StatesById<ReplayGuard> nonces_{kMaxUnusedTables};
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
