#include "app/readiness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace lintel::app {

void tell_service_manager(std::string_view state) {
    const char* const named = std::getenv("NOTIFY_SOCKET");
    const std::string_view path(named == nullptr ? "" : named);
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) { return; }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    // "@" stands for the NUL byte of an abstract name.
    if (path[0] == '@') { address.sun_path[0] = '\0'; }
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) { return; }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), size);
    ::close(socket);
}

}  // namespace lintel::app
