#include "http/server.h"

#include <gtest/gtest.h>

#include "http/http1_server_echo_test.h"

namespace lintel::http {
namespace {

using std::chrono::milliseconds;

Task<void> echo_and_count(ServerExchange& exchange, std::uint64_t& received, std::uint64_t& sent) {
    co_await echo(exchange);
    received = exchange.received_bytes;
    sent = exchange.sent_bytes;
}

/// Answers without looking at the body.
Task<void> answer_early(ServerExchange& exchange) {
    OutgoingResponse response;
    response.status = 403;
    response.body = "no";
    co_await exchange.send(response);
}

class Pieces final : public BodyReader {
public:
    explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
    Task<Result<std::span<const char>>> read() override {
        if (next_ == pieces_.size()) { co_return std::span<const char>(); }
        const std::string& piece = pieces_[next_++];
        if (piece == "fail") { co_return fail(Code::BackendReset, "the stream broke"); }
        co_return std::span<const char>(piece);
    }

private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
};

TEST(Http1Server, AnswersOneRequestAfterTheOtherOnOneConnection) {
    ServerScene scene(echo);
    RawPeer peer = scene.connect();
    for (const char* target : {"/1", "/2", "/3"}) {
        async::run_on(*scene.loop,
                      peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n"));
        const std::string expected = answer("GET " + std::string(target));
        EXPECT_EQ(async::run_on(*scene.loop, peer.exactly(expected.size())), expected);
    }
    EXPECT_EQ(scene.limits.counts().accepted, 1U);
}

TEST(Http1Server, AnswersTheSameHoweverTheBytesArrive) {
    ServerScene scene(echo);
    const std::string bytes =
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nwxyz"
        "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const std::string expected =
        answer("POST /a abc") + answer("POST /b wxyz") + answer("GET /c", "Connection: close\r\n");
    EXPECT_EQ(scene.exchange(bytes), expected);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        RawPeer peer = scene.connect();
        async::run_on(*scene.loop, peer.send(bytes.substr(0, cut)));
        scene.loop->post([] {});
        scene.loop->turn();
        async::run_on(*scene.loop, peer.send(bytes.substr(cut)));
        std::string seen = async::run_on(*scene.loop, peer.to_the_end());
        // A body that arrives in two pieces is echoed in two.
        std::erase(seen, ' ');
        std::string plain = expected;
        std::erase(plain, ' ');
        for (int length : {10, 11, 12, 13, 14, 15}) {
            const std::string field = "Content-Length:" + std::to_string(length) + "\r\n";
            for (std::string* text : {&seen, &plain}) {
                for (std::size_t at = 0; (at = text->find(field)) != std::string::npos;) {
                    text->erase(at, field.size());
                }
            }
        }
        EXPECT_EQ(seen, plain) << cut;
    }
}

TEST(Http1Server, AnswersTenThousandPipelinedRequestsInOrder) {
    ServerScene scene(echo, {.requests_per_connection = 20'000});
    RawPeer peer = scene.connect();
    std::string bytes;
    std::string expected;
    for (int i = 0; i < 10'000; ++i) {
        const std::string target = "/" + std::to_string(i);
        bytes += "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
        expected += answer("GET " + target);
    }
    Task<bool> sending = peer.send(bytes);
    sending.start();
    EXPECT_EQ(async::run_on(*scene.loop, peer.exactly(expected.size())), expected);
}

TEST(Http1Server, AnswersHeadWithoutABody) {
    ServerScene scene(echo);
    EXPECT_EQ(scene.exchange("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nX-Kind: echo\r\nDate: Mon, 24 Nov 2025 16:00:00 GMT\r\n"
              "Content-Length: 7\r\nConnection: close\r\n\r\n");
}

TEST(Http1Server, StreamsWithoutKnownLengthInChunksOrUntilClose) {
    ServerScene scene([](ServerExchange& exchange) -> Task<void> {
        Pieces pieces({"abc", std::string(20'000, 'x'), "end"});
        OutgoingResponse response;
        response.stream = &pieces;
        response.framing = Framing::chunked();
        EXPECT_TRUE((co_await exchange.send(response)).has_value());
    });
    const std::string date = "Date: Mon, 24 Nov 2025 16:00:00 GMT\r\n";
    EXPECT_EQ(scene.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\n" + date +
                  "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n4e20\r\n" +
                  std::string(20'000, 'x') + "\r\n3\r\nend\r\n0\r\n\r\n");
    EXPECT_EQ(scene.exchange("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\n" + date +
                                                            "Connection: close\r\n\r\nabc" +
                                                            std::string(20'000, 'x') + "end");
}

TEST(Http1Server, KeepsAnHttp10ConnectionOnlyWhenAsked) {
    ServerScene scene(echo);
    EXPECT_EQ(scene.exchange("GET /a HTTP/1.0\r\n\r\n"), answer("GET /a", "Connection: close\r\n"));
    EXPECT_EQ(
        scene.exchange("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                       "GET /b HTTP/1.0\r\n\r\n"),
        answer("GET /a", "Connection: keep-alive\r\n") + answer("GET /b", "Connection: close\r\n"));
}

TEST(Http1Server, SendsContinueWhenTheBodyIsFirstRead) {
    ServerScene scene(echo);
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop, peer.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                                         "Expect: 100-continue\r\n\r\n"));
    EXPECT_EQ(async::run_on(*scene.loop, peer.until("\r\n\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
    async::run_on(*scene.loop, peer.send("abc"));
    const std::string expected = answer("POST /a abc");
    EXPECT_EQ(async::run_on(*scene.loop, peer.exactly(expected.size())), expected);
}

TEST(Http1Server, SendsNoContinueWhenTheAnswerDoesNotNeedTheBody) {
    ServerScene scene(answer_early);
    const std::string seen = scene.exchange(
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_NE(seen.find("Connection: close"), std::string::npos);
}

TEST(Http1Server, DrainsASmallUnreadBodyAndServesTheNextRequest) {
    ServerScene scene(answer_early);
    for (const std::string body : {"Content-Length: 5\r\n\r\nhello",
                                   "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}) {
        const std::string one = "POST /a HTTP/1.1\r\nHost: h\r\n" + body;
        const std::string seen =
            scene.exchange(one + one + "GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        std::size_t answers = 0;
        for (std::size_t at = 0; (at = seen.find("HTTP/1.1 403", at)) != std::string::npos; ++at) {
            ++answers;
        }
        EXPECT_EQ(answers, 3U) << seen;
    }
}

TEST(Http1Server, ClosesInsteadOfReadingALargeUnreadBody) {
    ServerScene scene(answer_early);
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop,
                  peer.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" +
                            std::string(100'000, 'x')));
    const std::string seen = async::run_on(*scene.loop, peer.to_the_end());
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_NE(seen.find("Connection: close"), std::string::npos);
    EXPECT_EQ(peer.ended(), 0) << "the answer must not be lost in a reset";
}

Task<void> read_all_and_answer(ServerExchange& exchange, std::string_view answer_body) {
    std::size_t received = 0;
    while (true) {
        const auto piece = co_await exchange.body->read();
        EXPECT_TRUE(piece.has_value());
        if (!piece || piece->empty()) { break; }
        received += piece->size();
    }
    EXPECT_EQ(received, 1U << 20);
    OutgoingResponse response;
    response.body = answer_body;
    co_await exchange.send(response);
}
TEST(Http1Server, CarriesLargeBodiesPastSlowReaders) {
    const std::string large(3U << 20, 'y');
    ServerScene scene(
        [&](ServerExchange& exchange) { return read_all_and_answer(exchange, large); });
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop,
                  peer.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
                            std::to_string(1U << 20) + "\r\n\r\n" + std::string(1U << 20, 'z')));
    const std::string seen = async::run_on(*scene.loop, peer.to_the_end());
    EXPECT_TRUE(seen.ends_with(large));
}

TEST(Http1Server, LetsTheHandlerAnswerARefusedHeadAndThenCloses) {
    ServerScene scene(echo);
    const std::string seen = scene.exchange(
        "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n"
        "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(seen,
              answer("refused request.malformed", "Connection: close\r\n", "400 Bad Request"));
    EXPECT_TRUE(scene.exchange("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\n\r\n")
                    .starts_with("HTTP/1.1 414 "));
    EXPECT_TRUE(
        scene.exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(200'000, 'a') + "\r\n\r\n")
            .starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(scene.exchange("GET / HTTP/3.0\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 505 "));
}

TEST(Http1Server, TakesAHeadThatNeedsTheLargerBuffer) {
    ServerScene scene(echo);
    std::string fields;
    for (int i = 0; i < 4; ++i) {
        fields += "X-" + std::to_string(i) + ": " + std::string(15'000, 'a') + "\r\n";
    }
    EXPECT_EQ(
        scene.exchange("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + fields + "\r\n"),
        answer("GET /a", "Connection: close\r\n"));
}

TEST(Http1Server, TellsTheHandlerOfABrokenBody) {
    ServerScene scene(echo);
    EXPECT_EQ(scene.exchange("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\nabc\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"),
              answer("broken request.malformed", "Connection: close\r\n"));
}

TEST(Http1Server, CutsAnAnswerWhoseStreamBreaksAfterItsBegin) {
    ServerScene scene([](ServerExchange& exchange) -> Task<void> {
        Pieces pieces({std::string(20'000, 'x'), "fail"});
        OutgoingResponse response;
        response.stream = &pieces;
        response.framing = Framing::chunked();
        const Status sent = co_await exchange.send(response);
        EXPECT_FALSE(sent.has_value());
        EXPECT_TRUE(exchange.answer_started());
    });
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop, peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    const std::string seen = async::run_on(*scene.loop, peer.to_the_end());
    EXPECT_EQ(seen.find("0\r\n\r\n"), std::string::npos);
    EXPECT_EQ(peer.ended(), -ECONNRESET);
}

TEST(Http1Server, LetsTheHandlerReplaceAnAnswerThatCouldNotBegin) {
    ServerScene scene([](ServerExchange& exchange) -> Task<void> {
        Pieces pieces({"fail"});
        OutgoingResponse response;
        response.stream = &pieces;
        response.framing = Framing::chunked();
        EXPECT_FALSE((co_await exchange.send(response)).has_value());
        EXPECT_FALSE(exchange.answer_started());
        OutgoingResponse forged;
        const Field field{.name = "X", .value = "a\r\nY: b"};
        forged.fields = {&field, 1};
        EXPECT_FALSE((co_await exchange.send(forged)).has_value());
        EXPECT_FALSE(exchange.answer_started());
        OutgoingResponse instead;
        instead.status = 502;
        EXPECT_TRUE((co_await exchange.send(instead)).has_value());
    });
    EXPECT_TRUE(scene.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    .starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
}

TEST(Http1Server, CountsTheBytesOfHeadAndBodyBothWays) {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    ServerScene scene(
        [&](ServerExchange& exchange) { return echo_and_count(exchange, received, sent); });
    const std::string request =
        "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
    const std::string seen = scene.exchange(request);
    EXPECT_EQ(received, request.size());
    EXPECT_EQ(sent, seen.size());
}

TEST(Http1Server, DoesNotLetAHandlerSetTheFraming) {
    ServerScene scene([](ServerExchange& exchange) -> Task<void> {
        Fields fields;
        fields.add("Content-Length", "99");
        fields.add("Transfer-Encoding", "chunked");
        fields.add("Connection", "upgrade");
        OutgoingResponse response;
        response.fields = fields;
        response.body = "abc";
        EXPECT_TRUE((co_await exchange.send(response)).has_value());
    });
    EXPECT_EQ(scene.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nDate: Mon, 24 Nov 2025 16:00:00 GMT\r\nContent-Length: 3\r\n"
              "Connection: close\r\n\r\nabc");
}

}  // namespace
}  // namespace lintel::http
