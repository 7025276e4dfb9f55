// Listening sockets: bound before the workers start, one per worker on the same port.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/listen_address.h"
#include "async/socket.h"

namespace lintel::async {

/// A bound and listening descriptor that no loop serves yet. Movable between threads.
class ListenSocket {
public:
    /// `count` sockets on one address (port 0: a free one, the same for all), for `count` workers.
    /// A unix socket is one queue with `count` descriptors; what a program that ended left at its
    /// path is replaced. Fails with Code::StartFailed and a message that names the address when it
    /// is in use.
    static Result<std::vector<ListenSocket>> open_at(const ListenAddress& at, std::size_t count);
    static Result<std::vector<ListenSocket>> open(SocketAddress at, std::size_t count) {
        return open_at({.ip = at}, count);
    }
    /// Takes over a descriptor that came from the process before or from systemd. StartFailed when
    /// it is no listening stream socket.
    static Result<ListenSocket> adopt(int descriptor);
    ListenSocket(ListenSocket&& other) noexcept;
    ListenSocket& operator=(ListenSocket&& other) noexcept;
    ~ListenSocket();

    /// Of an IP socket; a unix socket answers for this machine: 127.0.0.1, port 0.
    SocketAddress address() const { return where_.ip; }
    const ListenAddress& where() const { return where_; }
    int descriptor() const { return descriptor_; }
    /// Another descriptor of the same queue: who accepts from either takes from both.
    Result<ListenSocket> duplicate() const;
    int release();

private:
    ListenSocket(int descriptor, ListenAddress where)
        : descriptor_(descriptor), where_(std::move(where)) {}

    int descriptor_ = -1;
    ListenAddress where_;
};

struct Accepted {
    Socket socket;
    SocketAddress peer;  ///< 127.0.0.1, port 0 when it came by a unix socket
    SocketAddress local;
    bool by_unix_socket = false;
};

/// Accepts on a loop and calls `accept` for each connection. Pauses when descriptors run out, and
/// says so at most once in ten seconds. Owned by a server, on its loop's thread.
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
