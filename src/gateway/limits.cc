#include "gateway/limits.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/mix.h"
#include "crypto/random.h"

namespace lintel::gateway {
namespace {

// 40 bits of window number over 24 bits of count: 34,000 years of one-second windows.
constexpr int kCountBits = 24;
constexpr std::uint64_t kCountMask = (1ULL << kCountBits) - 1;

struct Window {
    std::int64_t number;
    std::int64_t count;

    static Window unpack(std::uint64_t word) {
        return {static_cast<std::int64_t>(word >> kCountBits),
                static_cast<std::int64_t>(word & kCountMask)};
    }
    std::uint64_t pack() const {
        return (static_cast<std::uint64_t>(number) << kCountBits) |
               static_cast<std::uint64_t>(count);
    }
};

/// Whether the word is so far ahead that it is the clock that was set back.
bool clock_was_set(std::int64_t number, std::int64_t age, std::int64_t length_ms) {
    return number * length_ms - age > WindowCounter::kClockStepMs && number - age / length_ms > 1;
}

/// The window a caller at `age` ms after the origin counts in, given the one in the word.
Window current(Window kept, std::int64_t age, std::int64_t length_ms) {
    const std::int64_t number = age / length_ms;
    if (number == kept.number) { return kept; }
    if (number > kept.number) { return {number, 0}; }
    return clock_was_set(kept.number, age, length_ms) ? Window{number, kept.count} : kept;
}

/// 26 bits of window number over 28 bits of who over 10 bits of count. Numbers come round after two
/// years of one-second windows; a word that nobody wrote for so long would count again.
struct CallerWindow {
    static constexpr int kNumberBits = 26;
    static constexpr int kWhoBits = 28;
    static constexpr int kCountBits = 10;
    static constexpr std::uint64_t mask(int bits) { return (1ULL << bits) - 1; }

    std::uint64_t who;
    Window window;

    static std::uint64_t who_of(std::uint64_t key) { return key & mask(kWhoBits); }
    /// `near`: the number is the one of its kind closest to it.
    static CallerWindow unpack(std::uint64_t word, std::int64_t near) {
        const auto low = static_cast<std::int64_t>(word >> (kWhoBits + kCountBits));
        std::int64_t ahead = (low - near) & static_cast<std::int64_t>(mask(kNumberBits));
        if (ahead >> (kNumberBits - 1) != 0) { ahead -= std::int64_t{1} << kNumberBits; }
        return {(word >> kCountBits) & mask(kWhoBits),
                {near + ahead, static_cast<std::int64_t>(word & mask(kCountBits))}};
    }
    std::uint64_t pack() const {
        const auto number = static_cast<std::uint64_t>(window.number) & mask(kNumberBits);
        return (((number << kWhoBits) | who) << kCountBits) |
               static_cast<std::uint64_t>(window.count);
    }
};

std::uint64_t hash_with(std::uint64_t seed, std::string_view bytes) {
    std::uint64_t hash = mix(seed ^ bytes.size());
    while (!bytes.empty()) {
        std::uint64_t part = 0;
        const std::size_t size = std::min(bytes.size(), sizeof part);
        std::memcpy(&part, bytes.data(), size);
        hash = mix(hash ^ part);
        bytes.remove_prefix(size);
    }
    return hash;
}

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    const std::string bytes = crypto::random_bytes(sizeof seed);
    std::memcpy(&seed, bytes.data(), sizeof seed);
    return seed;
}

}  // namespace

WindowCounter::Decision WindowCounter::take(std::int64_t limit, TimeMs origin,
                                            std::int64_t length_ms, TimeMs now) {
    LINTEL_ASSERT(limit >= 0 && limit <= kMaxLimit && length_ms > 0, "limits are bounded");
    const std::int64_t age = std::max<std::int64_t>(0, now - origin);
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
        const Window kept = Window::unpack(word);
        Window window = current(kept, age, length_ms);
        const std::int64_t reset_ms = (window.number + 1) * length_ms - age;
        const bool admitted = window.count < limit;
        // A refusal changes the word only to follow a clock that was set back.
        if (!admitted && window.number == kept.number) { return {false, 0, reset_ms}; }
        if (admitted) { ++window.count; }
        if (word_.compare_exchange_weak(word, window.pack(), std::memory_order_relaxed)) {
            return {admitted, std::max<std::int64_t>(0, limit - window.count), reset_ms};
        }
    }
}

CallerCounters::CallerCounters()
    : seed_(random_seed()),
      words_(static_cast<std::uint64_t*>(std::calloc(kPlaces, sizeof(std::uint64_t)))) {
    LINTEL_ASSERT(words_ != nullptr, "there is memory for a table of callers");
}

/// The caller's own word, else the first that is free. A place that was used never becomes unused
/// again, so nothing of the caller's lies behind an unused one.
CallerCounters::Place CallerCounters::find(std::uint64_t key, std::int64_t age,
                                           std::int64_t length_ms) const {
    const std::int64_t number = age / length_ms;
    const std::uint64_t who = CallerWindow::who_of(key);
    const std::uint64_t first = key >> (64 - 16);
    static_assert(kPlaces == 1 << 16);
    Place free;
    for (std::size_t i = 0; i < kProbes; ++i) {
        std::uint64_t& word = words_[(first + i) % kPlaces];
        const std::uint64_t seen = std::atomic_ref(word).load(std::memory_order_relaxed);
        const CallerWindow entry = CallerWindow::unpack(seen, number);
        if (seen != 0 && entry.who == who) { return {&word, seen, true}; }
        const bool is_over = seen == 0 || entry.window.number < number ||
                             clock_was_set(entry.window.number, age, length_ms);
        if (is_over && free.word == nullptr) { free = {&word, seen, false}; }
        if (seen == 0) { break; }
    }
    return free;
}

WindowCounter::Decision CallerCounters::take(std::string_view caller, std::int64_t limit,
                                             TimeMs origin, std::int64_t length_ms, TimeMs now) {
    LINTEL_ASSERT(limit > 0 && limit <= kMaxLimit && length_ms > 0, "limits are bounded");
    const std::uint64_t key = hash_with(seed_, caller);
    const std::int64_t age = std::max<std::int64_t>(0, now - origin);
    const std::int64_t number = age / length_ms;
    for (;;) {
        const Place place = find(key, age, length_ms);
        if (place.word == nullptr) { return {false, 0, (number + 1) * length_ms - age}; }
        const Window kept = CallerWindow::unpack(place.seen, number).window;
        Window window = place.is_own ? current(kept, age, length_ms) : Window{number, 0};
        const std::int64_t reset_ms = (window.number + 1) * length_ms - age;
        const bool admitted = window.count < limit;
        if (!admitted && window.number == kept.number) { return {false, 0, reset_ms}; }
        if (admitted) { ++window.count; }
        std::uint64_t seen = place.seen;
        const CallerWindow next{CallerWindow::who_of(key), window};
        if (std::atomic_ref(*place.word)
                .compare_exchange_strong(seen, next.pack(), std::memory_order_relaxed)) {
            return {admitted, std::max<std::int64_t>(0, limit - window.count), reset_ms};
        }
    }
}

std::shared_ptr<WindowCounter> Counters::window(std::string_view id) {
    const std::scoped_lock lock(mutex_);
    return windows_.at(id, [] { return std::make_shared<WindowCounter>(); });
}

std::shared_ptr<CallerCounters> Counters::callers(std::string_view id) {
    const std::scoped_lock lock(mutex_);
    return callers_.at(id, [] { return std::make_shared<CallerCounters>(); });
}

std::shared_ptr<ReplayGuard> Counters::nonces(std::string_view id) {
    const std::scoped_lock lock(mutex_);
    return nonces_.at(id, [this] {
        return std::make_shared<ReplayGuard>(max_nonces_, std::chrono::seconds{0},
                                             ReplayDates::Claimed);
    });
}

std::size_t Counters::size() const {
    const std::scoped_lock lock(mutex_);
    return windows_.size();
}

std::string_view OutboundRules::refusal_for(const IpAddress& address, std::uint16_t port) const {
    const IpAddress target = address.unwrapped();
    const bool here = target.is_loopback() || target.is_unspecified() ||
                      std::ranges::find(local, target) != local.end();
    const auto is_own = [&](const Endpoint& endpoint) {
        if (endpoint.port != port) { return false; }
        return endpoint.address == target || (endpoint.address.is_unspecified() && here) ||
               (endpoint.address.is_loopback() && target.is_unspecified());
    };
    if (std::ranges::any_of(own, is_own)) {
        return "it is one of Lintel's own listeners or stores";
    }
    if (target.is_link_local()) { return "link-local addresses are never called"; }
    if (target.is_multicast()) { return "it is a multicast or reserved address"; }
    const bool inside = target.is_loopback() || target.is_private() || target.is_unspecified();
    const auto admits = [&](const IpRange& range) { return range.contains(target); };
    if (!inside || allow_private || std::ranges::any_of(allowed, admits)) { return {}; }
    return "loopback and private addresses need an entry in the allow-list";
}

std::vector<IpAddress> addresses_of_this_machine() {
    std::vector<IpAddress> found;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) { return found; }
    for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr) { continue; }
        if (entry->ifa_addr->sa_family == AF_INET) {
            sockaddr_in address{};
            std::memcpy(&address, entry->ifa_addr, sizeof(address));
            found.push_back(IpAddress::v4(ntohl(address.sin_addr.s_addr)));
        } else if (entry->ifa_addr->sa_family == AF_INET6) {
            sockaddr_in6 address{};
            std::memcpy(&address, entry->ifa_addr, sizeof(address));
            IpAddress::Bytes bytes{};
            std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
            found.push_back(IpAddress::from_bytes(bytes));
        }
    }
    ::freeifaddrs(all);
    return found;
}

}  // namespace lintel::gateway
