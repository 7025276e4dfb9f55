#include "gateway/limits.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"

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

/// The window a caller at `age` ms after the origin counts in, given the one in the word.
Window current(Window kept, std::int64_t age, std::int64_t length_ms) {
    const std::int64_t number = age / length_ms;
    if (number == kept.number) { return kept; }
    if (number > kept.number) { return {number, 0}; }
    const std::int64_t behind_ms = kept.number * length_ms - age;
    const bool clock_was_set = behind_ms > WindowCounter::kClockStepMs && kept.number - number > 1;
    return clock_was_set ? Window{number, kept.count} : kept;
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

std::shared_ptr<WindowCounter> Counters::window(std::string_view id) {
    const std::scoped_lock lock(mutex_);
    auto& slot = windows_[std::string(id)];
    if (slot == nullptr) { slot = std::make_shared<WindowCounter>(); }
    auto counter = slot;
    if (windows_.size() > sweep_at_) {
        std::erase_if(windows_, [](const auto& entry) { return entry.second.use_count() == 1; });
        sweep_at_ = windows_.size() + kMaxUnused;
    }
    return counter;
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
