// The keys that seal session tickets. Private to the TLS of async.
#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string_view>

namespace lintel::async {

struct TicketKey {
    static constexpr std::size_t kNameSize = 16;

    std::array<unsigned char, kNameSize> name{};  ///< stands in the ticket, in the clear
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};
    std::chrono::steady_clock::time_point made_at;
    bool is_newest = true;

    ~TicketKey();
};

/// Makes a new key every twelve hours, so that a stolen one opens little: a key seals for one life
/// and opens for a second one. One per listener, shared by its workers; a handshake holds the lock
/// for a copy of 80 bytes.
class TicketKeys {
public:
    static constexpr std::chrono::hours kLife{12};
    using Time = std::chrono::steady_clock::time_point;

    /// What new tickets are sealed with.
    TicketKey newest(Time now);
    /// What a ticket was sealed with; nothing when the key is unknown or has had its time.
    std::optional<TicketKey> find(std::string_view name, Time now);

private:
    std::mutex mutex_;
    std::optional<TicketKey> newest_;
    std::optional<TicketKey> before_;
};

}  // namespace lintel::async
