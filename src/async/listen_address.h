// Where to listen: an address and port, or a unix socket in the file system.
#pragma once

#include <string>

#include "async/socket.h"

namespace lintel::async {

struct ListenAddress {
    /// Who may connect to a unix socket: its owner and group.
    static constexpr unsigned kUsualMode = 0660;

    SocketAddress ip;            ///< unused when `path` is set
    std::string path = {};       ///< of a unix socket
    unsigned mode = kUsualMode;  ///< of that path

    bool is_unix() const { return !path.empty(); }
    /// The same place: whoever holds the one cannot open the other.
    bool is_same_place(const ListenAddress& other) const {
        return is_unix() || other.is_unix() ? path == other.path : ip == other.ip;
    }
};

/// "127.0.0.1:8080", "[::1]:8080", "unix:/run/lintel/http.sock".
std::string to_string(const ListenAddress& address);

}  // namespace lintel::async
