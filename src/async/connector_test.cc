#include "async/connector.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <set>

#include "async/listener.h"
#include "async/name_server_test.h"
#include "async/socket_address.h"

namespace lintel::async {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kName = "pets.example";

IpAddress loopback(std::uint8_t last) {
    return IpAddress::v4(0x7F000000U + last);
}

/// Accepts on 127.0.0.`last`; everything stays open.
struct Listening {
    std::vector<Accepted> accepted;
    std::unique_ptr<Listener> listener;
    SocketAddress address;

    Listening(Loop& loop, std::uint8_t last, std::uint16_t port = 0) {
        auto sockets = ListenSocket::open({loopback(last), port}, 1);
        EXPECT_TRUE(sockets.has_value());
        listener = std::make_unique<Listener>(
            loop, std::move(sockets->front()),
            [this](Accepted one) { accepted.push_back(std::move(one)); });
        address = listener->address();
    }
};

/// Listens and never answers: its queue is full, so the kernel drops what knocks.
struct Dead {
    int listening = -1;
    std::vector<int> knocking;

    Dead(std::uint8_t last, std::uint16_t port) {
        sockaddr_storage at{};
        const socklen_t size = to_sockaddr({loopback(last), port}, at);
        listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&at), size), 0);
        EXPECT_EQ(::listen(listening, 0), 0);
        for (int i = 0; i < 4; ++i) {
            knocking.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            ::connect(knocking.back(), reinterpret_cast<sockaddr*>(&at), size);
        }
    }
    Dead(const Dead&) = delete;
    Dead& operator=(const Dead&) = delete;
    ~Dead() {
        for (const int descriptor : knocking) {
            ::close(descriptor);
        }
        ::close(listening);
    }
};

struct Connecting {
    std::unique_ptr<Loop> loop = *Loop::open();
    FakeNameServer names;
    std::unique_ptr<Resolver> resolver = *Resolver::open({.servers = names.address});
    Connector connector{*loop, *resolver,
                        [](const IpAddress&, std::uint16_t) { return std::string_view(); }};

    Result<Connector::Connected> connect(std::uint16_t port, milliseconds wait) {
        return run_on(*loop, connector.connect(std::string(kName), port, loop->after(wait)));
    }
};

TEST(Connector, UsesAllAddressesOfAName) {
    Connecting connecting;
    connecting.names.use({{127, 0, 0, 1}, {127, 0, 0, 2}, {127, 0, 0, 3}});
    const Listening first(*connecting.loop, 1);
    const Listening second(*connecting.loop, 2, first.address.port);
    const Listening third(*connecting.loop, 3, first.address.port);
    std::set<IpAddress> reached;
    for (int i = 0; i < 30; ++i) {
        const auto connected = connecting.connect(first.address.port, milliseconds(5000));
        ASSERT_TRUE(connected.has_value()) << connected.error().message;
        reached.insert(connected->address.address);
    }
    EXPECT_EQ(reached.size(), 3U);
}

TEST(Connector, GoesOnToTheNextAddressWhenOneIsDead) {
    Connecting connecting;
    connecting.names.use({{127, 0, 0, 1}, {127, 0, 0, 2}});
    const Listening alive(*connecting.loop, 1);
    const Dead dead(2, alive.address.port);
    for (int i = 0; i < 4; ++i) {
        const auto connected = connecting.connect(alive.address.port, milliseconds(1500));
        ASSERT_TRUE(connected.has_value()) << connected.error().message;
        EXPECT_EQ(connected->address, alive.address);
    }
}

TEST(Connector, SaysThatItTookTooLongWhenAllAreDead) {
    Connecting connecting;
    connecting.names.use({{127, 0, 0, 1}, {127, 0, 0, 2}});
    std::uint16_t port = 0;
    {
        const Listening probe(*connecting.loop, 1);
        port = probe.address.port;
    }
    const Dead first(1, port);
    const Dead second(2, port);
    const auto connected = connecting.connect(port, milliseconds(600));
    ASSERT_FALSE(connected.has_value());
    EXPECT_EQ(connected.error().code, Code::BackendTimeout);
}

}  // namespace
}  // namespace lintel::async
