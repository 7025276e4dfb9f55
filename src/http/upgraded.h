// A connection that has left HTTP.
#pragma once

#include <chrono>
#include <string_view>

namespace lintel::async {
class Socket;
}

namespace lintel::http {

/// The other end of a connection that leaves HTTP with its answer (101). The socket belongs to the
/// answer.
struct Upgraded {
    async::Socket* socket = nullptr;
    std::string_view early = {};              ///< what came from it behind its head
    std::chrono::milliseconds idle{300'000};  ///< longest silence both ways
};

}  // namespace lintel::http
