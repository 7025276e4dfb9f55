// Listening sockets: bound before the workers start, one per worker on the same port.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/socket.h"

namespace lintel::async {

/// A bound and listening descriptor that no loop serves yet. Movable between threads.
class ListenSocket {
public:
    /// `count` sockets on one address (port 0: a free one, the same for all), for `count` workers.
    /// Fails with Code::StartFailed and a message that names the address when it is in use.
    static Result<std::vector<ListenSocket>> open(SocketAddress at, std::size_t count);
    ListenSocket(ListenSocket&& other) noexcept;
    ListenSocket& operator=(ListenSocket&& other) noexcept;
    ~ListenSocket();

    SocketAddress address() const { return address_; }
    int release();

private:
    ListenSocket(int descriptor, SocketAddress address)
        : descriptor_(descriptor), address_(address) {}

    int descriptor_ = -1;
    SocketAddress address_;
};

struct Accepted {
    Socket socket;
    SocketAddress peer;
    SocketAddress local;
};

/// Accepts on a loop and calls `accept` for each connection. Pauses when descriptors run out. Owned
/// by a server, on its loop's thread.
class Listener {
public:
    Listener(Loop& loop, ListenSocket socket, std::function<void(Accepted)> accept);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    SocketAddress address() const;

private:
    class Source;
    std::unique_ptr<Source> source_;
};

}  // namespace lintel::async
