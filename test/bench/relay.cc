// The floor: hands bytes from one socket to another and reads nothing of them. What it costs is
// what the kernel costs, so no proxy can cost less. Messages must fit the buffer and the sockets.
// bench_relay PORT UPSTREAM_PORT
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "loopback.h"

namespace {

using namespace lintel::bench;

constexpr std::uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// By descriptor: the other half of its connection; -1 = none.
class Pairs {
public:
    void add(int one, int other) {
        peers_.resize(static_cast<std::size_t>(std::max({one, other, size() - 1})) + 1, -1);
        peers_[static_cast<std::size_t>(one)] = other;
        peers_[static_cast<std::size_t>(other)] = one;
    }
    int of(int socket) const { return peers_[static_cast<std::size_t>(socket)]; }
    void drop(int one) {
        const int other = of(one);
        for (const int socket : {one, other}) {
            peers_[static_cast<std::size_t>(socket)] = -1;
            close(socket);
        }
    }

private:
    int size() const { return static_cast<int>(peers_.size()); }
    std::vector<int> peers_;
};

void watch(int poll, int socket, std::uint32_t events) {
    epoll_event interest{.events = events, .data = {.fd = socket}};
    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &interest);
}

void accept_one(int poll, int listener, std::uint16_t upstream, Pairs& pairs) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) { return; }
    const int server = connect_to(upstream);
    if (server < 0) {
        close(client);
        return;
    }
    pairs.add(client, server);
    watch(poll, client, kInterest);
    watch(poll, server, kInterest);
}

void pass_on(int socket, Pairs& pairs) {
    static std::array<char, 65'536> buffer;
    const int other = pairs.of(socket);
    if (other < 0) { return; }
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) { return; }
    if (got <= 0 ||
        send(other, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) {
        pairs.drop(socket);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: bench_relay PORT UPSTREAM_PORT\n", stderr);
        return 2;
    }
    const auto port = [&](int at) {
        return static_cast<std::uint16_t>(std::strtoul(argv[at], nullptr, 10));
    };
    const int listener = listen_on(port(1));
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    watch(poll, listener, EPOLLIN);
    Pairs pairs;
    std::array<epoll_event, 256> events;
    for (;;) {
        const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < ready; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.fd == listener) {
                accept_one(poll, listener, port(2), pairs);
            } else if ((event.events & EPOLLIN) != 0) {
                pass_on(event.data.fd, pairs);
            }
        }
    }
}
