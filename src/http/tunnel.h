// Two connections that have left HTTP: what one side sends goes to the other as it comes, until
// both have said that nothing more comes (RFC 6455; nothing is looked into). Internal to HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "async/socket.h"
#include "async/task.h"

namespace lintel::http {

/// Lives in the frame of the one who runs it; both sockets must outlive it.
class Tunnel {
public:
    struct Times {
        std::chrono::milliseconds idle;   ///< without a byte either way
        std::chrono::milliseconds stall;  ///< without a byte taken by a side
    };
    struct Side {
        async::Socket& socket;
        std::string_view early;  ///< received before the tunnel began
        std::uint64_t received = 0;
    };

    Tunnel(Side client, Side backend, Times times)
        : client_(client), backend_(backend), times_(times) {}

    /// Moves bytes to the end of the tunnel.
    Task<void> run();
    std::uint64_t from_client() const { return client_.received; }
    std::uint64_t from_backend() const { return backend_.received; }

private:
    /// One direction, to its end. Half a tunnel is no tunnel: a failure ends both.
    Task<void> pump(Side& from, Side& to);
    Task<bool> pass(Side& from, Side& to, std::span<const char> bytes);
    /// 0 when there is something to read, or a negative errno.
    Task<async::IoResult> wait(const Side& from);
    std::uint64_t silent_until_ms() const;
    void cut();

    Side client_;
    Side backend_;
    const Times times_;
    std::uint64_t active_ms_ = 0;
    bool half_closed_ = false;
};

}  // namespace lintel::http
