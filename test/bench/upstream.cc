// A server that costs next to nothing, to stand behind a proxy that is being measured: it answers
// every request head with the same 1 KiB of JSON and never looks inside. Requests must have no
// body. bench_upstream PORT [BODY_BYTES]
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "loopback.h"

namespace {

using namespace lintel::bench;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

struct Connection {
    std::string unread;  // the start of a head that is not complete yet
    std::string unsent;
};

std::string make_answer(std::size_t body_bytes) {
    std::string body = R"({"id":1,"name":"Mia","note":")";
    body.append(body_bytes > body.size() + 2 ? body_bytes - body.size() - 2 : 0, 'x');
    body += "\"}";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Heads that end in `bytes`; what follows the last one stays in `unread`.
std::size_t count_heads(std::string& unread, std::string_view bytes) {
    if (unread.empty() && bytes.ends_with(kHeadEnd) &&
        bytes.find(kHeadEnd) == bytes.size() - kHeadEnd.size()) {
        return 1;
    }
    unread += bytes;
    std::size_t heads = 0;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = unread.find(kHeadEnd, start)) != std::string::npos; ++heads) {
        start = end + kHeadEnd.size();
    }
    unread.erase(0, start);
    return heads;
}

/// False when the connection is gone.
bool send_rest(int fd, Connection& connection) {
    while (!connection.unsent.empty()) {
        const ssize_t sent =
            send(fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
        if (sent < 0) { return errno == EAGAIN; }
        connection.unsent.erase(0, static_cast<std::size_t>(sent));
    }
    return true;
}

/// Edge-triggered: reads until the socket is empty. False when the connection is gone.
bool serve(int fd, Connection& connection, const std::string& answer) {
    std::array<char, 16'384> buffer;
    for (;;) {
        const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
        if (got < 0) { return errno == EAGAIN && send_rest(fd, connection); }
        if (got == 0) { return false; }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        for (std::size_t heads = count_heads(connection.unread, bytes); heads > 0; --heads) {
            connection.unsent += answer;
        }
        if (!send_rest(fd, connection)) { return false; }
        // A short read emptied the socket; the next byte brings a new event.
        if (bytes.size() < buffer.size()) { return true; }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: bench_upstream PORT [BODY_BYTES]\n", stderr);
        return 2;
    }
    const std::string answer = make_answer(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1024);
    const int listener = listen_on(static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10)));
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event interest{.events = EPOLLIN, .data = {.fd = listener}};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &interest);
    std::unordered_map<int, Connection> connections;
    std::array<epoll_event, 256> events;
    for (;;) {
        const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener) {
                const int accepted =
                    accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (accepted < 0) { continue; }
                interest = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                            .data = {.fd = accepted}};
                epoll_ctl(poll, EPOLL_CTL_ADD, accepted, &interest);
                connections.emplace(accepted, Connection{});
            } else if (!serve(fd, connections[fd], answer)) {
                connections.erase(fd);
                close(fd);
            }
        }
    }
}
