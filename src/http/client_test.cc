#include "http/client.h"

#include <gtest/gtest.h>

#include "http/raw_peer_test.h"

namespace lintel::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A pool that calls one raw backend on the same loop.
struct Scene {
    std::unique_ptr<async::Loop> loop = *async::Loop::open();
    std::unique_ptr<async::Resolver> resolver = *async::Resolver::open({.servers = "127.0.0.1:9"});
    async::Connector connector{*loop, *resolver,
                               [](const IpAddress&, std::uint16_t) { return std::string_view(); }};
    RawBackend backend;
    Origin origin;
    ClientPool pool;

    explicit Scene(RawBackend::Talk talk, ClientOptions options = {})
        : backend(*loop, std::move(talk)),
          origin("127.0.0.1", backend.port()),
          pool(*loop, connector, options) {}
    ~Scene() { pool.close_idle(); }

    static Task<std::string> call_and_read(ClientPool& pool, const Origin& origin,
                                           const OutgoingRequest& request, CallTimeouts timeouts) {
        auto answer = co_await pool.call(origin, request, timeouts);
        if (!answer) {
            co_return std::string(info(answer.error().code).name) + ": " + answer.error().message;
        }
        std::string said = std::to_string((*answer)->head.status);
        while (true) {
            const auto piece = co_await (*answer)->read();
            if (!piece) {
                co_return said + " " + std::string(info(piece.error().code).name) + ": " +
                    piece.error().message;
            }
            if (piece->empty()) { co_return said; }
            said += " ";
            said.append(piece->data(), piece->size());
        }
    }
    std::string call(const OutgoingRequest& request, CallTimeouts timeouts = {}) {
        return async::run_on(*loop, call_and_read(pool, origin, request, timeouts));
    }
    std::string get() { return call({.method = "GET", .path = "/"}); }
};

Task<void> answer_every_head(RawPeer& peer, std::string bytes) {
    while (!(co_await peer.until("\r\n\r\n")).empty()) {
        if (!co_await peer.send(bytes)) { break; }
    }
}
Task<void> answer_one_head(RawPeer& peer, std::string bytes) {
    co_await peer.until("\r\n\r\n");
    co_await peer.send(bytes);
}
/// Answers every request without a body with the same bytes.
RawBackend::Talk always(std::string bytes) {
    return [bytes](RawPeer& peer, int) { return answer_every_head(peer, bytes); };
}
/// Answers the first request with the bytes and closes.
RawBackend::Talk once(std::string bytes) {
    return [bytes](RawPeer& peer, int) { return answer_one_head(peer, bytes); };
}

Task<void> note_body_and_answer(RawPeer& peer, std::string& seen) {
    seen = co_await peer.until("body");
    co_await peer.send(std::string(kOk));
}
TEST(ClientPool, WritesACanonicalRequest) {
    std::string seen;
    Scene scene([&](RawPeer& peer, int) { return note_body_and_answer(peer, seen); });
    Fields fields;
    fields.add("Accept", "*/*");
    fields.add("Host", "client.example");
    fields.add("Content-Length", "99");
    fields.add("Connection", "upgrade");
    fields.add("Expect", "100-continue");
    const Field extra[] = {{"X-Request-Id", "r1"}};
    EXPECT_EQ(scene.call({.method = "POST",
                          .path = "/a",
                          .query = "b=c",
                          .fields = &fields,
                          .extra_fields = extra,
                          .body = "body",
                          .framing = Framing::of_length(4)}),
              "200 ok");
    EXPECT_EQ(seen, "POST /a?b=c HTTP/1.1\r\nHost: " + scene.origin.authority +
                        "\r\nAccept: */*\r\nX-Request-Id: r1\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(ClientPool, KeepsAConnectionWhoseAnswerWasReadToTheEnd) {
    Scene scene(always(std::string(kOk)));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(scene.get(), "200 ok");
    }
    EXPECT_EQ(scene.backend.connections(), 1);
    EXPECT_EQ(scene.pool.counts().idle, 1U);
    EXPECT_EQ(scene.pool.counts().reused, 4U);
}

TEST(ClientPool, ReadsChunkedCloseDelimitedAndBodilessAnswers) {
    Scene chunked(
        always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(chunked.get(), "200 abc de");
    EXPECT_EQ(chunked.get(), "200 abc de");
    EXPECT_EQ(chunked.backend.connections(), 1);
    Scene closed(once("HTTP/1.1 200 OK\r\n\r\nto the end"));
    EXPECT_EQ(closed.get(), "200 to the end");
    EXPECT_EQ(closed.pool.counts().idle, 0U);
    Scene empty(always("HTTP/1.1 204 No Content\r\n\r\n"));
    EXPECT_EQ(empty.get(), "204");
    EXPECT_EQ(empty.pool.counts().idle, 1U);
    Scene head(always("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"));
    EXPECT_EQ(head.call({.method = "HEAD", .path = "/"}), "200");
    EXPECT_EQ(head.pool.counts().idle, 1U);
}

TEST(ClientPool, SkipsAFewInterimAnswers) {
    Scene scene(always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                       std::string(kOk)));
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.get(), "200 ok");
}

TEST(ClientPool, RefusesBadAnswersAndNeverReusesTheirConnection) {
    std::string storm;
    for (int i = 0; i < 20; ++i) {
        storm += "HTTP/1.1 103 Early Hints\r\n\r\n";
    }
    const std::vector<std::string> bad = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n",
        "SSH-2.0-server\r\n",
        storm + std::string(kOk),
    };
    for (const std::string& bytes : bad) {
        Scene scene(always(bytes));
        EXPECT_TRUE(scene.get().starts_with("backend.bad_answer: ")) << bytes;
        EXPECT_EQ(scene.pool.counts().idle, 0U);
        EXPECT_EQ(scene.pool.counts().open, 0U);
    }
}

TEST(ClientPool, DropsAConnectionWithBytesNobodyAskedFor) {
    Scene scene(always(std::string(kOk) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(scene.get(), "200 ok");
    }
    EXPECT_EQ(scene.backend.connections(), 3);
    // The same when the surplus comes later, while the connection is idle.
    Scene later([](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send(std::string(kOk));
        co_await peer.socket().loop().next_turn();
        co_await peer.send("surplus");
        co_await peer.to_the_end();
    });
    EXPECT_EQ(later.get(), "200 ok");
    while (later.pool.counts().idle > 0) {
        later.loop->turn();
    }
    EXPECT_EQ(later.get(), "200 ok");
}

TEST(ClientPool, ReportsABrokenBody) {
    Scene cut(once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"));
    EXPECT_EQ(cut.get(),
              "200 ok backend.reset: the backend closed the connection inside its answer");
    Scene chunks(always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"));
    EXPECT_TRUE(chunks.get().starts_with("200 abc backend.bad_answer: "));
    Scene cut_chunks(once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
    EXPECT_TRUE(cut_chunks.get().starts_with("200 abc backend.reset: "));
}

TEST(ClientPool, RepeatsASafeRequestOnceWhenTheKeptConnectionIsDead) {
    // Every connection answers once, reads the next request and then closes without an answer.
    const auto talk = [](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send(std::string(kOk));
        co_await peer.until("\r\n\r\n");
    };
    Scene scene(talk);
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.pool.counts().retried, 1U);
    EXPECT_EQ(scene.backend.connections(), 2);
    // A POST may have been acted on: it is never sent twice.
    EXPECT_TRUE(scene.call({.method = "POST", .path = "/"}).starts_with("backend.reset: "));
    EXPECT_EQ(scene.backend.connections(), 2);
}

TEST(ClientPool, DoesNotRepeatOnAFreshConnectionOrAfterAnAnswerBegan) {
    Scene fresh(once(""));
    EXPECT_EQ(fresh.get(), "backend.reset: the backend closed the connection without an answer");
    EXPECT_EQ(fresh.backend.connections(), 1);
    Scene begun([](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send(std::string(kOk));
        co_await peer.until("\r\n\r\n");
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-");
    });
    EXPECT_EQ(begun.get(), "200 ok");
    EXPECT_EQ(begun.get(),
              "backend.reset: the backend closed the connection inside the head of its answer");
    EXPECT_EQ(begun.pool.counts().retried, 0U);
}

TEST(ClientPool, NoticesAnIdleConnectionThatTheBackendClosed) {
    Scene scene(once(std::string(kOk)));
    EXPECT_EQ(scene.get(), "200 ok");
    while (scene.pool.counts().idle > 0) {
        scene.loop->turn();
    }
    EXPECT_EQ(scene.call({.method = "POST", .path = "/"}), "200 ok");
    EXPECT_EQ(scene.pool.counts().retried, 0U);
}

TEST(ClientPool, ClosesConnectionsThatStayIdle) {
    Scene scene(always(std::string(kOk)), {.idle_timeout = milliseconds(10)});
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.pool.counts().open, 1U);
    while (scene.pool.counts().open > 0) {
        scene.loop->turn();
    }
    EXPECT_EQ(scene.pool.counts().idle, 0U);
}

TEST(ClientPool, NamesTheTimerThatRanOut) {
    const auto silent = [](RawPeer& peer, int) -> Task<void> { co_await peer.to_the_end(); };
    Scene scene(silent);
    EXPECT_EQ(scene.call({.method = "GET", .path = "/"}, {.answer = milliseconds(30)}),
              "backend.timeout: the backend did not answer within 30 ms");
    const auto paused = [](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
        co_await peer.to_the_end();
    };
    Scene body(paused);
    EXPECT_EQ(body.call({.method = "GET", .path = "/"}, {.body_idle = milliseconds(30)}),
              "200 ok backend.timeout: the answer's body paused for more than 30 ms");
}

TEST(ClientPool, ReportsABackendThatIsNotThere) {
    Scene scene(always(std::string(kOk)));
    scene.origin = Origin("127.0.0.1", 1);
    EXPECT_TRUE(scene.get().starts_with("backend.connect: "));
    scene.origin = Origin("no.such.name", 80);
    EXPECT_TRUE(scene.get().starts_with("backend.resolve: "));
    EXPECT_EQ(scene.pool.counts().open, 0U);
}

// ---- uploads ------------------------------------------------------------------------------------

/// A body that comes in pieces, each in a later turn.
class SlowBody final : public BodyReader {
public:
    SlowBody(async::Loop& loop, int pieces, std::string piece, bool fails = false)
        : loop_(loop), left_(pieces), piece_(std::move(piece)), fails_(fails) {}
    Task<Result<std::span<const char>>> read() override {
        co_await loop_.next_turn();
        if (left_-- > 0) { co_return std::span<const char>(piece_); }
        if (fails_) { co_return fail(Code::ClientClosed, "the client went away"); }
        co_return std::span<const char>();
    }
    int left() const { return left_; }

private:
    async::Loop& loop_;
    int left_;
    std::string piece_;
    bool fails_;
};

Task<void> take_two_uploads(RawPeer& peer, std::string& seen) {
    seen = co_await peer.until("abcabc");
    co_await peer.send(std::string(kOk));
    co_await peer.until("0\r\n\r\n");
    co_await peer.send(std::string(kOk));
}
TEST(ClientPool, StreamsAnUploadByLengthAndInChunks) {
    std::string seen;
    Scene scene([&](RawPeer& peer, int) { return take_two_uploads(peer, seen); });
    SlowBody first(*scene.loop, 2, "abc");
    EXPECT_EQ(
        scene.call(
            {.method = "POST", .path = "/", .stream = &first, .framing = Framing::of_length(6)}),
        "200 ok");
    EXPECT_TRUE(seen.ends_with("Content-Length: 6\r\n\r\nabcabc"));
    SlowBody second(*scene.loop, 2, "abc");
    EXPECT_EQ(
        scene.call(
            {.method = "POST", .path = "/", .stream = &second, .framing = Framing::chunked()}),
        "200 ok");
    EXPECT_EQ(scene.backend.connections(), 1);
}

TEST(ClientPool, TakesAnAnswerThatComesBeforeTheUploadEnds) {
    Scene scene([](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        co_await peer.to_the_end();
    });
    SlowBody endless(*scene.loop, 1'000'000, std::string(20'000, 'x'));
    EXPECT_EQ(
        scene.call(
            {.method = "POST", .path = "/", .stream = &endless, .framing = Framing::chunked()}),
        "413 big");
    EXPECT_GT(endless.left(), 0);
    EXPECT_EQ(scene.pool.counts().idle, 0U) << "the rest of the upload was never sent";
}

TEST(ClientPool, EchoesWhileUploadingWithoutADeadlock) {
    constexpr std::size_t kSize = 4U << 20;
    Scene scene([](RawPeer& peer, int) -> Task<void> {
        co_await peer.until("\r\n\r\n");
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) +
                           "\r\n\r\n");
        for (std::size_t echoed = 0; echoed < kSize; echoed += 65'536) {
            co_await peer.send(co_await peer.exactly(65'536));
        }
        co_await peer.to_the_end();
    });
    SlowBody body(*scene.loop, kSize / 65'536, std::string(65'536, 'q'));
    const std::string seen = scene.call(
        {.method = "POST", .path = "/", .stream = &body, .framing = Framing::of_length(kSize)});
    EXPECT_EQ(std::ranges::count(seen, 'q'), static_cast<std::ptrdiff_t>(kSize));
}

TEST(ClientPool, ReportsTheFailureOfTheUploadsOwnStream) {
    Scene scene([](RawPeer& peer, int) -> Task<void> { co_await peer.to_the_end(); });
    SlowBody broken(*scene.loop, 2, "abc", true);
    EXPECT_EQ(
        scene.call(
            {.method = "POST", .path = "/", .stream = &broken, .framing = Framing::of_length(9)}),
        "client.closed: the client went away");
    EXPECT_EQ(scene.pool.counts().open, 0U);
}

TEST(ClientPool, RefusesAMappedRequestThatIsNotHttp) {
    Scene scene(always(std::string(kOk)));
    Fields fields;
    fields.add("X", "a\r\nY: b");
    EXPECT_TRUE(scene.call({.method = "GET", .path = "/", .fields = &fields})
                    .starts_with("mapping.failed: "));
    EXPECT_TRUE(scene.call({.method = "GET", .path = "/a b"}).starts_with("mapping.failed: "));
    EXPECT_EQ(scene.pool.counts().open, 0U);
}

// ---- limits -------------------------------------------------------------------------------------

TEST(ClientPool, LetsRequestsWaitForAPlaceAndRefusesWhenTooManyDo) {
    Scene scene(always(std::string(kOk)), {.connections_per_origin = 1, .waiting_per_origin = 1});
    const OutgoingRequest request{.method = "GET", .path = "/"};
    auto first = Scene::call_and_read(scene.pool, scene.origin, request, {});
    auto second = Scene::call_and_read(scene.pool, scene.origin, request, {});
    auto third = Scene::call_and_read(scene.pool, scene.origin, request, {});
    first.start();
    second.start();
    third.start();
    ASSERT_TRUE(third.done());
    EXPECT_TRUE(third.take().starts_with("backend.overloaded: "));
    EXPECT_EQ(async::run_on(*scene.loop, std::move(first)), "200 ok");
    EXPECT_EQ(async::run_on(*scene.loop, std::move(second)), "200 ok");
    EXPECT_EQ(scene.backend.connections(), 1);
}

TEST(ClientPool, EndsTheWaitForAPlaceInTime) {
    Scene scene([](RawPeer& peer, int) -> Task<void> { co_await peer.to_the_end(); },
                {.connections_per_origin = 1});
    const OutgoingRequest request{.method = "GET", .path = "/"};
    auto first = Scene::call_and_read(scene.pool, scene.origin, request, {});
    first.start();
    EXPECT_TRUE(
        scene.call(request, {.connect = milliseconds(20)}).starts_with("backend.overloaded: "));
}

TEST(ClientPool, GivesThePlaceFreeWhenACallIsCancelled) {
    Scene scene([](RawPeer& peer, int) -> Task<void> { co_await peer.to_the_end(); });
    {
        const OutgoingRequest request{.method = "GET", .path = "/"};
        auto call = Scene::call_and_read(scene.pool, scene.origin, request, {});
        call.start();
        while (scene.backend.connections() == 0) {
            scene.loop->turn();
        }
        EXPECT_EQ(scene.pool.counts().open, 1U);
    }
    EXPECT_EQ(scene.pool.counts().open, 0U);
}

}  // namespace
}  // namespace lintel::http
