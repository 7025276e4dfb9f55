// Load by WebSocket: each connection sends a message, waits for its echo, sends the next.
// Prints "messages N wrong N lost N". bench_echo PORT PATH CONNECTIONS MILLISECONDS
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "loopback.h"
#include "websocket.h"

namespace {

using namespace lintel::bench;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kMessageBytes = 100;
constexpr int kPatienceMs = 5000;

struct Count {
    std::size_t messages = 0;
    std::size_t wrong = 0;
    std::size_t lost = 0;
};

bool send_all(int socket, std::string_view bytes) {
    // A message is far smaller than a socket's buffer, and only one is under way.
    return send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
}

/// The socket after the handshake, or -1 with the answer on stderr.
int open_websocket(std::uint16_t port, std::string_view path) {
    const int socket = connect_to(port);
    if (socket < 0) { return -1; }
    const timeval patience{.tv_sec = kPatienceMs / 1000, .tv_usec = 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string request = "GET ";
    request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(port));
    request.append(
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    request.append("Sec-WebSocket-Key: ").append(kWebSocketKey).append(kHeadEnd);
    std::string answer;
    std::array<char, 4096> buffer;
    if (!send_all(socket, request)) {
        close(socket);
        return -1;
    }
    while (!answer.ends_with(kHeadEnd)) {
        const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
        if (got <= 0) { break; }
        answer.append(buffer.data(), static_cast<std::size_t>(got));
        if (!answer.starts_with("HTTP/1.1 101 ")) { break; }
    }
    if (!answer.starts_with("HTTP/1.1 101 ") || !answer.ends_with(kHeadEnd)) {
        std::fprintf(stderr, "no WebSocket: %s\n", answer.substr(0, answer.find('\r')).c_str());
        close(socket);
        return -1;
    }
    return socket;
}

/// One connection's turn; false when it is lost.
bool on_readable(int socket, std::string& echo, std::string_view wanted, std::string_view message,
                 Count& count) {
    std::array<char, 4096> buffer;
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) { return true; }
    if (got <= 0) { return false; }
    echo.append(buffer.data(), static_cast<std::size_t>(got));
    if (echo.size() < wanted.size()) { return true; }
    ++(echo == wanted ? count.messages : count.wrong);
    echo.clear();
    return send_all(socket, message);
}

Count load(int poll, std::unordered_map<int, std::string>& echoes, Clock::time_point until) {
    const std::string payload(kMessageBytes, 'm');
    const std::string message = client_frame(payload);
    const std::string wanted = server_frame(payload);
    Count count;
    const auto lose = [&](int socket) {
        ++count.lost;
        echoes.erase(socket);
        close(socket);
    };
    for (const auto& [socket, _] : echoes) {
        if (!send_all(socket, message)) { ++count.lost; }
    }
    std::array<epoll_event, 256> events;
    while (!echoes.empty() && Clock::now() < until) {
        const int ready =
            epoll_wait(poll, events.data(), static_cast<int>(events.size()), kPatienceMs);
        if (ready <= 0) {
            count.lost += echoes.size();
            break;
        }
        for (int i = 0; i < ready; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            if (!on_readable(socket, echoes[socket], wanted, message, count)) { lose(socket); }
        }
    }
    return count;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fputs("usage: bench_echo PORT PATH CONNECTIONS MILLISECONDS\n", stderr);
        return 2;
    }
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    std::unordered_map<int, std::string> echoes;
    for (unsigned long left = std::strtoul(argv[3], nullptr, 10); left > 0; --left) {
        const int socket =
            open_websocket(static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10)), argv[2]);
        if (socket < 0) { return 1; }
        epoll_event interest{.events = EPOLLIN, .data = {.fd = socket}};
        epoll_ctl(poll, EPOLL_CTL_ADD, socket, &interest);
        echoes.emplace(socket, std::string());
    }
    const auto until = Clock::now() + std::chrono::milliseconds(std::strtoul(argv[4], nullptr, 10));
    const Count count = load(poll, echoes, until);
    std::printf("messages %zu wrong %zu lost %zu\n", count.messages, count.wrong, count.lost);
    return 0;
}
