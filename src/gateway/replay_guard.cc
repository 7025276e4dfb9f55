#include "gateway/replay_guard.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "crypto/hash.h"

namespace lintel::gateway {
namespace {

constexpr TimeMs kSliceMs = 60'000;
constexpr std::size_t kFirstCapacity = 16;
constexpr std::size_t kFingerprintBytes = 12;

/// Enough of a SHA-256 that two requests never share one. All zero marks an empty place.
struct Fingerprint {
    std::array<unsigned char, kFingerprintBytes> bytes{};
    bool operator==(const Fingerprint&) const = default;
    bool is_empty() const { return *this == Fingerprint{}; }
    /// Spreads over `count` places.
    std::size_t place(std::size_t count) const {
        std::uint32_t number = 0;
        std::memcpy(&number, bytes.data(), sizeof number);
        return static_cast<std::size_t>((std::uint64_t{number} * count) >> 32U);
    }
};
static_assert(sizeof(Fingerprint) == kFingerprintBytes);

void add_part(std::string& to, std::string_view text) {
    const std::uint64_t size = text.size();
    to.append(reinterpret_cast<const char*>(&size), sizeof size);
    to += text;
}

/// What a request is remembered by. `kind` keeps the three uses apart.
enum class Kind : char { Plain = 1, WithSomeDigest, WithThisDigest };

Fingerprint fingerprint_of(Kind kind, const SignedRequest& request) {
    std::string bytes(1, static_cast<char>(kind));
    add_part(bytes, request.credential_id);
    add_part(bytes, request.signature);
    if (kind == Kind::WithThisDigest) { add_part(bytes, request.body_digest); }
    const std::string digest = crypto::sha256(bytes);
    Fingerprint fingerprint;
    std::memcpy(fingerprint.bytes.data(), digest.data(), kFingerprintBytes);
    if (fingerprint.is_empty()) { fingerprint.bytes[0] = 1; }
    return fingerprint;
}

/// The requests of one minute of signed dates: a hash table with linear probing.
class Slice {
public:
    explicit Slice(std::int64_t minute) : minute_(minute) {}

    std::int64_t minute() const { return minute_; }
    TimeMs keep_until() const { return keep_until_; }
    void keep_until(TimeMs time) { keep_until_ = std::max(keep_until_, time); }
    std::size_t size() const { return size_; }
    std::size_t bytes() const { return places_.capacity() * sizeof(Fingerprint); }

    bool contains(const Fingerprint& fingerprint) const {
        return !places_.empty() && places_[find(fingerprint)] == fingerprint;
    }
    /// False when it was there.
    bool insert(const Fingerprint& fingerprint) {
        if (contains(fingerprint)) { return false; }
        // Growing by half at four fifths full keeps an entry below 24 bytes.
        if ((size_ + 1) * 5 > places_.size() * 4) { grow(); }
        places_[find(fingerprint)] = fingerprint;
        ++size_;
        return true;
    }

private:
    /// Its place, or the empty one where it would go.
    std::size_t find(const Fingerprint& fingerprint) const {
        std::size_t at = fingerprint.place(places_.size());
        while (!places_[at].is_empty() && places_[at] != fingerprint) {
            at = at + 1 == places_.size() ? 0 : at + 1;
        }
        return at;
    }
    void grow() {
        std::vector<Fingerprint> old(std::max(kFirstCapacity, places_.size() * 3 / 2));
        old.swap(places_);
        for (const Fingerprint& fingerprint : old) {
            if (!fingerprint.is_empty()) { places_[find(fingerprint)] = fingerprint; }
        }
    }

    std::int64_t minute_;
    TimeMs keep_until_ = 0;
    std::size_t size_ = 0;
    std::vector<Fingerprint> places_;
};

std::int64_t minute_of(TimeMs date) {
    return date / kSliceMs - (date % kSliceMs < 0 ? 1 : 0);
}

}  // namespace

/// All requests whose plain fingerprint falls here, so that one lock decides on a request.
struct ReplayGuard::Shard {
    mutable std::mutex mutex;
    std::vector<Slice> slices;

    Slice& slice(std::int64_t minute) {
        const auto found = std::ranges::find(slices, minute, &Slice::minute);
        return found == slices.end() ? slices.emplace_back(minute) : *found;
    }
    bool knows(const Fingerprint& fingerprint) const {
        return std::ranges::any_of(slices,
                                   [&](const Slice& slice) { return slice.contains(fingerprint); });
    }
    /// How many entries went.
    std::size_t drop_before(TimeMs now) {
        std::size_t dropped = 0;
        std::erase_if(slices, [&](const Slice& slice) {
            const bool old = slice.keep_until() < now;
            if (old) { dropped += slice.size(); }
            return old;
        });
        return dropped;
    }
};

ReplayGuard::ReplayGuard(std::size_t capacity, std::chrono::seconds shortest_memory,
                         ReplayDates dates)
    : capacity_(capacity), shortest_memory_(shortest_memory), dates_(dates) {
    for (std::unique_ptr<Shard>& shard : shards_) {
        shard = std::make_unique<Shard>();
    }
}

ReplayGuard::~ReplayGuard() = default;

ReplayOutcome ReplayGuard::admit(const SignedRequest& request, TimeMs now) {
    const Fingerprint plain = fingerprint_of(Kind::Plain, request);
    Shard& shard = *shards_[plain.bytes.back() % kShardCount];
    const std::lock_guard lock(shard.mutex);
    entries_.fetch_sub(shard.drop_before(now), std::memory_order_relaxed);
    Slice& slice = shard.slice(minute_of(request.date));
    // The clock may move on in steps of a second while the date itself is still good: one spare.
    slice.keep_until(request.date + 1000 +
                     std::chrono::milliseconds(std::max(request.skew, shortest_memory_)).count());
    if (entries_.load(std::memory_order_relaxed) + 2 > capacity_) { return ReplayOutcome::Full; }
    const bool known = dates_ == ReplayDates::Claimed ? shard.knows(plain) : slice.contains(plain);
    if (known) { return ReplayOutcome::Replayed; }
    const Fingerprint some_digest = fingerprint_of(Kind::WithSomeDigest, request);
    const std::size_t before = slice.size();
    if (request.body_digest.empty()) {
        // The digest is not signed: a copy that lost it must not pass for another request.
        if (slice.contains(some_digest)) { return ReplayOutcome::Replayed; }
        slice.insert(plain);
    } else {
        if (!slice.insert(fingerprint_of(Kind::WithThisDigest, request))) {
            return ReplayOutcome::Replayed;
        }
        slice.insert(some_digest);
    }
    entries_.fetch_add(slice.size() - before, std::memory_order_relaxed);
    return ReplayOutcome::First;
}

std::size_t ReplayGuard::bytes() const {
    std::size_t total = sizeof(ReplayGuard);
    for (const std::unique_ptr<Shard>& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        total += sizeof(Shard) + shard->slices.capacity() * sizeof(Slice);
        for (const Slice& slice : shard->slices) {
            total += slice.bytes();
        }
    }
    return total;
}

}  // namespace lintel::gateway
