// Remembers signed requests for as long as their date is acceptable, so that a copy of one is
// refused. State of the process: found by nobody's id, kept over snapshots, lost at a restart.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace lintel::gateway {

/// A signed request as the guard knows it.
struct SignedRequest {
    std::string_view credential_id;
    std::string_view signature;  ///< raw bytes, already verified
    /// The verified digest of the body, empty when none was sent. It is not part of the signature,
    /// so taking it off a copy must not make a new request of it.
    std::string_view body_digest;
    TimeMs date = 0;               ///< the signed date
    std::chrono::seconds skew{0};  ///< how far the date may be from the clock
};

enum class ReplayOutcome : std::uint8_t {
    First,     ///< never seen: go on
    Replayed,  ///< a copy
    Full,      ///< too many requests to remember: refuse, since a copy could not be told
};

/// Whether copies have the date of the first: when it is signed they do; when it is only the
/// caller's word, requests of all dates are looked through.
enum class ReplayDates : std::uint8_t { Signed, Claimed };

/// Exact: of any number of copies, racing or not, exactly one is First. Thread-safe; asked only for
/// requests that change something, so one of a few mutexes is good enough. Owned by app.
///
/// Entries are 12 bytes in tables grouped by signed date; a group is dropped as a whole when none
/// of its dates can be accepted any more.
class ReplayGuard {
public:
    static constexpr std::size_t kDefaultCapacity = 4'000'000;  ///< entries, about 90 MB
    /// Signed requests are remembered at least this long after their date, so that raising a
    /// credential's clock skew up to here brings nothing back.
    static constexpr std::chrono::seconds kShortestMemory{900};

    explicit ReplayGuard(std::size_t capacity = kDefaultCapacity,
                         std::chrono::seconds shortest_memory = kShortestMemory,
                         ReplayDates dates = ReplayDates::Signed);
    ReplayGuard(const ReplayGuard&) = delete;
    ReplayGuard& operator=(const ReplayGuard&) = delete;
    ~ReplayGuard();

    ReplayOutcome admit(const SignedRequest& request, TimeMs now);

    std::size_t entries() const { return entries_.load(std::memory_order_relaxed); }
    /// Memory of all tables.
    std::size_t bytes() const;

private:
    struct Shard;
    static constexpr std::size_t kShardCount = 16;

    std::array<std::unique_ptr<Shard>, kShardCount> shards_;
    std::atomic<std::size_t> entries_{0};
    std::size_t capacity_;
    std::chrono::seconds shortest_memory_;
    ReplayDates dates_;
};

}  // namespace lintel::gateway
