// A server that costs next to nothing, to stand behind a proxy that is being measured: it answers
// every request with the same JSON and looks no closer than it must. Bodies of requests need a
// Content-Length; a request to upgrade becomes an echo. bench_upstream PORT [BODY_BYTES]
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "head.h"
#include "loopback.h"
#include "websocket.h"

namespace {

using namespace lintel::bench;

struct Connection {
    enum class State : unsigned char { Head, Body, Echo };
    std::string unread;  // the start of a head or frame that is not complete yet
    std::string unsent;
    std::size_t body_left = 0;
    State state = State::Head;
};

std::string make_answer(std::size_t body_bytes) {
    std::string body = R"({"id":1,"name":"Mia","note":")";
    body.append(body_bytes > body.size() + 2 ? body_bytes - body.size() - 2 : 0, 'x');
    body += "\"}";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

void begin(Connection& connection, std::string_view head) {
    if (!head.starts_with("GET ")) {
        const std::string length(field(head, "content-length:"));
        connection.body_left = std::strtoul(length.c_str(), nullptr, 10);
    } else if (!field(head, "upgrade:").empty()) {
        connection.unsent += kWebSocketSwitch;
        connection.state = Connection::State::Echo;
        return;
    }
    connection.state = Connection::State::Body;
}

/// Takes what is complete and puts the answers into `unsent`; the bytes that were taken.
std::size_t take(Connection& connection, std::string_view bytes, const std::string& answer) {
    std::size_t at = 0;
    for (;;) {
        if (connection.state == Connection::State::Echo) {
            return at + echo_frames(bytes.substr(at), connection.unsent);
        }
        if (connection.state == Connection::State::Body) {
            const std::size_t part = std::min(connection.body_left, bytes.size() - at);
            at += part;
            connection.body_left -= part;
            if (connection.body_left > 0) { return at; }
            connection.unsent += answer;
            connection.state = Connection::State::Head;
        }
        const std::size_t end = bytes.find(kHeadEnd, at);
        if (end == std::string_view::npos) { return at; }
        begin(connection, bytes.substr(at, end + kLineEnd.size() - at));
        at = end + kHeadEnd.size();
    }
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
        if (connection.unread.empty()) {
            connection.unread = bytes.substr(take(connection, bytes, answer));
        } else {
            connection.unread += bytes;
            connection.unread.erase(0, take(connection, connection.unread, answer));
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
