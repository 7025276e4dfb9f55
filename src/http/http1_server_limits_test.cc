// What bounds a connection: times, numbers, and the end of the server.
#include "http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "crypto/certificate.h"
#include "crypto/self_signed.h"
#include "http/http1_server_echo_test.h"

namespace lintel::http {
namespace {

using std::chrono::milliseconds;

TEST(Http1Server, AnswersASlowHeadWithATimeout) {
    ServerScene scene(echo, {.head_timeout = milliseconds(20)});
    const std::string seen = scene.exchange("GET / HTTP/1.1\r\nHost");
    EXPECT_EQ(seen,
              answer("refused request.timeout", "Connection: close\r\n", "408 Request Timeout"));
}

TEST(Http1Server, EndsABodyThatStallsAndAnIdleConnection) {
    ServerScene scene(
        echo, {.body_idle_timeout = milliseconds(20), .keep_alive_timeout = milliseconds(20)});
    EXPECT_EQ(scene.exchange("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na"),
              answer("broken request.timeout", "Connection: close\r\n"));
    EXPECT_EQ(scene.exchange("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), answer("GET /a"));
    EXPECT_EQ(scene.exchange(""), "");
}

TEST(Http1Server, EndsABodyThatTricklesBelowTheFloorRate) {
    ServerScene scene(echo, {.head_timeout = milliseconds(300), .body_bytes_per_second = 100'000});
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop,
                  peer.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\na"));
    const std::uint64_t begun = scene.loop->now_ms();
    EXPECT_EQ(async::run_on(*scene.loop, peer.to_the_end()),
              answer("broken request.timeout", "Connection: close\r\n"));
    EXPECT_LT(scene.loop->now_ms() - begun, 10'000U);
}

TEST(Http1Server, ClosesAfterTheSetNumberOfRequests) {
    ServerScene scene(echo, {.requests_per_connection = 2});
    const std::string one = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(scene.exchange(one + one + one),
              answer("GET /a") + answer("GET /a", "Connection: close\r\n"));
}

TEST(Http1Server, TurnsConnectionsAwayBeyondItsLimit) {
    ServerScene scene(echo, {}, 1);
    RawPeer first = scene.connect();
    RawPeer second = scene.connect();
    EXPECT_EQ(async::run_on(*scene.loop, second.to_the_end()), "");
    EXPECT_EQ(scene.limits.counts().refused[0], 1U);
}

/// A server on a second address, with TLS.
struct SecureScene : ServerScene {
    std::shared_ptr<const async::TlsServer> tls;

    explicit SecureScene(ServerOptions options) : ServerScene(echo, options) {
        const std::array<std::string, 1> names{"localhost"};
        const auto made = crypto::make_self_signed(names, SystemClock().now_ms());
        const auto read =
            crypto::read_certificate(made->certificate_pem, made->key_pem.reveal()).value();
        tls = async::TlsServer::build({.chain = read.chain, .key = read.key.reveal()}).value();
        auto sockets = async::ListenSocket::open({kLoopback, 0}, 1);
        address = sockets->front().address();
        server.listen(std::move(sockets->front()), {.tls = tls.get()});
    }
};

TEST(Http1Server, CutsAClientThatStallsInsideTheTlsHandshake) {
    SecureScene scene({.head_timeout = milliseconds(20)});
    EXPECT_EQ(scene.exchange(""), "");
    // The beginning of a ClientHello that announces 512 bytes.
    EXPECT_EQ(scene.exchange(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC", 9)), "");
    EXPECT_EQ(scene.limits.counts().open, 0U);
}

Task<void> answer_when_released(ServerExchange& exchange, async::Waiter*& release) {
    async::Waiter waiter(*exchange.loop);
    release = &waiter;
    co_await waiter.until(async::Deadline::never());
    OutgoingResponse response;
    response.body = "late";
    EXPECT_TRUE((co_await exchange.send(response)).has_value());
}
TEST(Http1Server, DrainsRequestsInFlightAndEndsIdleConnections) {
    async::Waiter* release = nullptr;
    ServerScene scene(
        [&](ServerExchange& exchange) { return answer_when_released(exchange, release); });
    RawPeer idle = scene.connect();
    RawPeer busy = scene.connect();
    async::run_on(*scene.loop, busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    scene.run_until([&] { return release != nullptr; });
    Task<void> draining = scene.server.drain(scene.loop->after(milliseconds(60'000)));
    draining.start();
    EXPECT_EQ(async::run_on(*scene.loop, idle.to_the_end()), "");
    EXPECT_FALSE(draining.done());
    release->wake();
    const std::string seen = async::run_on(*scene.loop, busy.to_the_end());
    EXPECT_NE(seen.find("Connection: close\r\n\r\nlate"), std::string::npos);
    async::run_on(*scene.loop, std::move(draining));
    EXPECT_EQ(scene.limits.counts().open, 0U);
}

struct Unwound {
    bool& flag;
    explicit Unwound(bool& of) : flag(of) {}
    ~Unwound() { flag = true; }
};
Task<void> wait_for_ever(ServerExchange& exchange, bool& serving, bool& unwound) {
    const Unwound mark(unwound);
    serving = true;
    async::Waiter waiter(*exchange.loop);
    co_await waiter.until(async::Deadline::never());
}
TEST(Http1Server, CutsWhatIsLeftAtTheDeadlineOfADrain) {
    bool unwound = false;
    bool serving = false;
    ServerScene scene(
        [&](ServerExchange& exchange) { return wait_for_ever(exchange, serving, unwound); });
    RawPeer busy = scene.connect();
    async::run_on(*scene.loop, busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    scene.run_until([&] { return serving; });
    async::run_on(*scene.loop, scene.server.drain(scene.loop->after(milliseconds(10))));
    EXPECT_TRUE(unwound);
    EXPECT_EQ(async::run_on(*scene.loop, busy.to_the_end()), "");
}

TEST(Http1Server, CancelsTheWorkForAClientThatLeft) {
    bool unwound = false;
    bool serving = false;
    ServerScene scene(
        [&](ServerExchange& exchange) { return wait_for_ever(exchange, serving, unwound); });
    {
        RawPeer peer = scene.connect();
        async::run_on(*scene.loop, peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        scene.run_until([&] { return serving; });
        EXPECT_FALSE(unwound);
    }
    scene.run_until([&] { return unwound; });
    EXPECT_EQ(scene.limits.counts().open, 0U);
}

/// Answers in the turn in which the client leaves, if need be to nobody.
Task<void> answer_late(ServerExchange& exchange, async::Waiter*& release, bool& done) {
    async::Waiter waiter(*exchange.loop);
    release = &waiter;
    co_await waiter.until(async::Deadline::never());
    OutgoingResponse response;
    response.body = "late";
    [[maybe_unused]] const Status sent = co_await exchange.send(response);
    done = true;
}
TEST(Http1Server, AnswersInTheTurnInWhichTheClientLeaves) {
    for (int round = 0; round < 20; ++round) {
        async::Waiter* release = nullptr;
        bool done = false;
        ServerScene scene(
            [&](ServerExchange& exchange) { return answer_late(exchange, release, done); });
        {
            RawPeer peer = scene.connect();
            async::run_on(*scene.loop, peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
            scene.run_until([&] { return release != nullptr; });
        }
        // Posted work runs behind the events of the turn, before graves are emptied.
        scene.loop->post([&] { release->wake(); });
        scene.loop->turn();
        EXPECT_TRUE(done);
        scene.run_until([&] { return scene.limits.counts().open == 0; });
    }
}

Task<void> send_and_note(ServerExchange& exchange, std::string_view body, bool& done,
                         Status& sent) {
    OutgoingResponse response;
    response.body = body;
    sent = co_await exchange.send(response);
    done = true;
}
TEST(Http1Server, StopsSendingToAClientThatDoesNotRead) {
    Status sent;
    bool done = false;
    const std::string large(64U << 20, 'x');
    ServerScene scene(
        [&](ServerExchange& exchange) { return send_and_note(exchange, large, done, sent); },
        {.send_stall_timeout = milliseconds(30)});
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop, peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    scene.run_until([&] { return done; });
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, Code::ClientClosed);
}

}  // namespace
}  // namespace lintel::http
