#include "async/socket.h"

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <initializer_list>
#include <string>

#include "async/connector.h"
#include "async/gate.h"
#include "async/listener.h"

namespace lintel::async {
namespace {

using std::chrono::milliseconds;

const IpAddress kLoopback = IpAddress::v4(0x7F000001);

/// A loop with a listener on a free port and everything it accepted.
struct Scene {
    std::unique_ptr<Loop> loop = *Loop::open();
    std::vector<Accepted> accepted;
    std::unique_ptr<Listener> listener;
    SocketAddress address;

    Scene() {
        auto sockets = ListenSocket::open({kLoopback, 0}, 1);
        EXPECT_TRUE(sockets.has_value());
        listener = std::make_unique<Listener>(
            *loop, std::move(sockets->front()),
            [this](Accepted one) { accepted.push_back(std::move(one)); });
        address = listener->address();
    }
    Socket connected() {
        const std::size_t before = accepted.size();
        auto socket = run_on(*loop, connect(*loop, address, Deadline::never()));
        EXPECT_TRUE(socket.has_value());
        while (accepted.size() == before) {
            loop->turn();
        }
        return *std::move(socket);
    }
    /// One turn that finds a byte from each.
    void turn_with_bytes_from(std::initializer_list<const Socket*> senders) {
        for (const Socket* sender : senders) {
            EXPECT_EQ(::send(sender->descriptor(), "x", 1, 0), 1);
        }
        loop->turn();
    }
};

Task<IoResult> recv_once(Socket& socket, std::span<char> into, Deadline deadline) {
    co_return co_await socket.recv(into, deadline);
}
Task<IoResult> send_all(Socket& socket, std::string bytes, milliseconds stall) {
    const std::span<const char> all(bytes);
    co_return co_await socket.send(all, stall);
}
Task<std::string> recv_all(Socket& socket) {
    std::string all;
    std::array<char, 1000> piece;
    while (true) {
        const IoResult got = co_await socket.recv(piece, Deadline::never());
        if (got <= 0) { co_return all; }
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
}
Task<void> send_and_finish(Socket& socket, std::string bytes) {
    const std::span<const char> all(bytes);
    EXPECT_EQ(co_await socket.send(all, milliseconds(30'000)), static_cast<IoResult>(bytes.size()));
    socket.finish_writing();
}

TEST(Socket, CarriesMoreThanTheKernelBuffersToASlowReader) {
    Scene scene;
    Socket client = scene.connected();
    std::string sent(8U << 20, 'x');
    for (std::size_t i = 0; i < sent.size(); ++i) {
        sent[i] = static_cast<char>('a' + i % 23);
    }
    Task<void> sending = send_and_finish(client, sent);
    sending.start();
    EXPECT_FALSE(sending.done());
    EXPECT_EQ(run_on(*scene.loop, recv_all(scene.accepted[0].socket)), sent);
    EXPECT_TRUE(sending.done());
}

// ---- stages -------------------------------------------------------------------------------------

/// Says what has arrived on all sockets at the moment one of them goes on.
Task<void> recv_and_look(Socket& socket, Socket& other, std::vector<bool>& other_was_read) {
    std::array<char, 10> into;
    EXPECT_EQ(co_await socket.recv(into, Deadline::never()), 1);
    std::array<char, 1> left;
    other_was_read.push_back(other.peek(left) == -EAGAIN);
}

TEST(Stages, AllReceiveBeforeAnyoneGoesOn) {
    Scene scene;
    const Socket one = scene.connected();
    const Socket other = scene.connected();
    std::vector<bool> other_was_read;
    Task<void> first_reader =
        recv_and_look(scene.accepted[0].socket, scene.accepted[1].socket, other_was_read);
    Task<void> second_reader =
        recv_and_look(scene.accepted[1].socket, scene.accepted[0].socket, other_was_read);
    first_reader.start();
    second_reader.start();
    scene.turn_with_bytes_from({&one, &other});
    EXPECT_EQ(other_was_read, (std::vector{true, true}));
}

Task<void> recv_as_a_reader(Socket& socket, std::string& order) {
    std::array<char, 10> into;
    EXPECT_EQ(co_await socket.recv(into, Deadline::never()), 1);
    order += 'r';
}
Task<void> recv_as_another(Socket& socket, std::string& order) {
    std::array<char, 10> into;
    EXPECT_EQ(co_await socket.recv(into, Deadline::never()), 1);
    order += 'a';
}

TEST(Stages, WhoRunsTheSameCodeGoesOnOneAfterTheOther) {
    Scene scene;
    std::array<Socket, 4> senders{scene.connected(), scene.connected(), scene.connected(),
                                  scene.connected()};
    std::string order;
    std::array<Task<void>, 4> tasks{recv_as_a_reader(scene.accepted[0].socket, order),
                                    recv_as_another(scene.accepted[1].socket, order),
                                    recv_as_a_reader(scene.accepted[2].socket, order),
                                    recv_as_another(scene.accepted[3].socket, order)};
    for (Task<void>& task : tasks) {
        task.start();
    }
    scene.turn_with_bytes_from({&senders[0], &senders[1], &senders[2], &senders[3]});
    EXPECT_TRUE(order == "rraa" || order == "aarr") << order;
}

Task<void> recv_and_end(Socket& socket, Task<void>& other) {
    std::array<char, 10> into;
    co_await socket.recv(into, Deadline::never());
    other.reset();
}

TEST(Stages, WhoGoesOnMayEndAnotherThatIsReadyToo) {
    Scene scene;
    const Socket one = scene.connected();
    const Socket other = scene.connected();
    Task<void> first_reader;
    Task<void> second_reader;
    first_reader = recv_and_end(scene.accepted[0].socket, second_reader);
    second_reader = recv_and_end(scene.accepted[1].socket, first_reader);
    first_reader.start();
    second_reader.start();
    scene.turn_with_bytes_from({&one, &other});
    // Each would end the other: exactly one came to it.
    EXPECT_NE(first_reader.started(), second_reader.started());
}

TEST(Stages, ASendThatWasNotTriedEndsWithItsTask) {
    Scene scene;
    Socket client = scene.connected();
    Task<IoResult> sending = send_all(client, "never seen", milliseconds(1000));
    sending.start();
    sending.reset();
    scene.loop->turn();
    std::array<char, 1> seen;
    EXPECT_EQ(scene.accepted[0].socket.peek(seen), -EAGAIN);
}

TEST(Socket, EndsAReadAtItsDeadlineAndStaysUsable) {
    Scene scene;
    Socket client = scene.connected();
    std::array<char, 16> into;
    EXPECT_EQ(run_on(*scene.loop, recv_once(client, into, scene.loop->after(milliseconds(10)))),
              -ETIMEDOUT);
    Socket& server = scene.accepted[0].socket;
    EXPECT_EQ(run_on(*scene.loop, send_all(server, "later", milliseconds(1000))), 5);
    EXPECT_EQ(run_on(*scene.loop, recv_once(client, into, Deadline::never())), 5);
}

TEST(Socket, EndsASendThatMakesNoProgress) {
    Scene scene;
    Socket client = scene.connected();
    EXPECT_EQ(run_on(*scene.loop, send_all(client, std::string(64U << 20, 'x'), milliseconds(20))),
              -ETIMEDOUT);
}

TEST(Socket, CancelEndsWhatWaits) {
    Scene scene;
    Socket client = scene.connected();
    std::array<char, 16> into;
    Task<IoResult> reading = recv_once(client, into, Deadline::never());
    reading.start();
    client.cancel();
    EXPECT_EQ(run_on(*scene.loop, std::move(reading)), -ECANCELED);
}

TEST(Socket, AReadCancelledByDestroyingItsTaskLeavesTheSocketUsable) {
    Scene scene;
    Socket client = scene.connected();
    std::array<char, 16> into;
    {
        Task<IoResult> reading = recv_once(client, into, Deadline::never());
        reading.start();
    }
    Socket& server = scene.accepted[0].socket;
    EXPECT_EQ(run_on(*scene.loop, send_all(server, "hi", milliseconds(1000))), 2);
    EXPECT_EQ(run_on(*scene.loop, recv_once(client, into, Deadline::never())), 2);
}

TEST(Socket, SeesTheEndOfThePeer) {
    Scene scene;
    Socket client = scene.connected();
    EXPECT_TRUE(client.is_quiet());
    scene.accepted.clear();
    std::array<char, 16> into;
    EXPECT_EQ(run_on(*scene.loop, recv_once(client, into, Deadline::never())), 0);
    EXPECT_FALSE(client.is_quiet());
}

void send_last_answer(Scene& scene, Socket& server) {
    server.end_follows();
    EXPECT_EQ(run_on(*scene.loop, send_all(server, "answer", milliseconds(1000))), 6);
}

TEST(Socket, WhatIsSentMayWaitForTheEnd) {
    Scene scene;
    Socket client = scene.connected();
    Socket& server = scene.accepted[0].socket;
    send_last_answer(scene, server);
    // Asked at once: the kernel waits for 200 ms.
    int unsent = 0;
    EXPECT_EQ(::ioctl(server.descriptor(), SIOCOUTQNSD, &unsent), 0);
    EXPECT_EQ(unsent, 6);
    server.close();
    EXPECT_EQ(run_on(*scene.loop, recv_all(client)), "answer");
}

TEST(Socket, WhatWaitsForTheEndIsNotLostBecauseOfUnreadBytes) {
    Scene scene;
    Socket client = scene.connected();
    scene.turn_with_bytes_from({&client});
    send_last_answer(scene, scene.accepted[0].socket);
    scene.accepted[0].socket.close();
    EXPECT_EQ(run_on(*scene.loop, recv_all(client)), "answer");
}

TEST(Socket, WithUnaskedBytesIsNotQuiet) {
    Scene scene;
    Socket client = scene.connected();
    Socket& server = scene.accepted[0].socket;
    EXPECT_EQ(run_on(*scene.loop, send_all(server, "unasked", milliseconds(1000))), 7);
    while (client.is_quiet()) {
        scene.loop->turn();
    }
    EXPECT_FALSE(client.is_quiet());
}

TEST(ListenSocket, SaysWhichAddressIsInUse) {
    auto first = ListenSocket::open({kLoopback, 0}, 2);
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[0].address(), (*first)[1].address());
    const auto second = ListenSocket::open((*first)[0].address(), 1);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Code::StartFailed);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos);
}

TEST(Connect, ReportsARefusedConnection) {
    const std::unique_ptr<Loop> loop = *Loop::open();
    SocketAddress nobody;
    {
        auto sockets = ListenSocket::open({kLoopback, 0}, 1);
        nobody = sockets->front().address();
    }
    const auto socket = run_on(*loop, connect(*loop, nobody, Deadline::never()));
    ASSERT_FALSE(socket.has_value());
    EXPECT_EQ(socket.error(), -ECONNREFUSED);
}

// ---- the guarded connector ----------------------------------------------------------------------

struct Guarded {
    Scene scene;
    std::unique_ptr<Resolver> resolver =
        *Resolver::open({.servers = "127.0.0.1:9"});  // nobody answers there
    std::string_view rule_says;
    Connector connector{*scene.loop, *resolver,
                        [this](const IpAddress&, std::uint16_t) { return rule_says; }};

    Result<Connector::Connected> connect(std::string host) {
        return run_on(*scene.loop, connector.connect(std::move(host), scene.address.port,
                                                     scene.loop->after(milliseconds(2000))));
    }
};

TEST(Connector, ReachesAnAllowedAddressByLiteralAndByLocalhost) {
    Guarded guarded;
    for (const char* host : {"127.0.0.1", "localhost", "api.localhost"}) {
        const auto connected = guarded.connect(host);
        ASSERT_TRUE(connected.has_value()) << host;
        EXPECT_EQ(connected->address.address, kLoopback);
    }
}

TEST(Connector, AsksTheRuleBeforeEveryConnect) {
    Guarded guarded;
    guarded.rule_says = "not on the list";
    const auto connected = guarded.connect("127.0.0.1");
    ASSERT_FALSE(connected.has_value());
    EXPECT_EQ(connected.error().code, Code::BackendRefusedAddress);
    EXPECT_EQ(connected.error().message, "not on the list");
}

TEST(Connector, RefusesWhatIsNeverABackendWhateverTheRuleSays) {
    Guarded guarded;
    for (const char* host :
         {"0.0.0.0", "::", "[::]", "169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255",
          "ff02::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"}) {
        const auto connected = guarded.connect(host);
        ASSERT_FALSE(connected.has_value()) << host;
        EXPECT_EQ(connected.error().code, Code::BackendRefusedAddress) << host;
    }
}

TEST(Connector, ShowsTheRuleTheAddressHiddenInNat64And6to4) {
    Guarded guarded;
    std::vector<IpAddress> asked;
    const Connector connector(*guarded.scene.loop, *guarded.resolver,
                              [&](const IpAddress& address, std::uint16_t) -> std::string_view {
                                  asked.push_back(address);
                                  return address.is_private() ? "private" : "";
                              });
    EXPECT_EQ(connector.refusal_for(*IpAddress::parse("64:ff9b::a00:1"), 80), "private");
    EXPECT_EQ(connector.refusal_for(*IpAddress::parse("2002:a00:1::"), 80), "private");
    EXPECT_EQ(connector.refusal_for(*IpAddress::parse("::ffff:10.0.0.1"), 80), "private");
    EXPECT_EQ(connector.refusal_for(*IpAddress::parse("203.0.113.1"), 80), "");
}

TEST(Connector, DoesNotTakeSpellingsThatOnlyLookLikeAddresses) {
    Guarded guarded;
    for (const char* host : {"127.1", "2130706433", "0x7f.1", "0177.0.0.1"}) {
        const auto connected = guarded.connect(host);
        ASSERT_FALSE(connected.has_value()) << host;
        EXPECT_NE(connected.error().code, Code::Internal) << host;
    }
}

}  // namespace
}  // namespace lintel::async
