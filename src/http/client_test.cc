#include "http/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "async/buffer.h"
#include "http/client_scene_test.h"

namespace lintel::http {
namespace {

using std::chrono::milliseconds;
using Scene = ClientScene;

Task<void> answer_one_head(RawPeer& peer, std::string bytes) {
    co_await peer.until("\r\n\r\n");
    co_await peer.send(bytes);
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

Task<void> answer_and_note(RawPeer& peer, std::string bytes, bool& sent) {
    co_await answer_one_head(peer, std::move(bytes));
    sent = true;
}

/// A socket takes so much, and a head, before anybody reads.
constexpr std::size_t kTakenUnread = 60'000;

/// The sizes of a body's pieces. What a socket takes unread is all there before the second is read.
std::vector<std::size_t> pieces_of(std::size_t body) {
    bool sent = false;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body) +
                               "\r\n\r\n" + std::string(body, 'x');
    Scene scene([&](RawPeer& peer, int) { return answer_and_note(peer, answer, sent); });
    auto call = async::run_on(*scene.loop,
                              scene.pool.call(scene.origin, {.method = "GET", .path = "/"}, {}));
    std::vector<std::size_t> sizes;
    while (call) {
        const auto piece = async::run_on(*scene.loop, (*call)->read());
        if (!piece || piece->empty()) { break; }
        sizes.push_back(piece->size());
        while (body <= kTakenUnread && !sent) {
            scene.loop->turn();
        }
    }
    return sizes;
}

TEST(ClientPool, ReadsARestThatOneBufferTakesInOnePiece) {
    const std::vector<std::size_t> sizes = pieces_of(kTakenUnread);
    ASSERT_EQ(sizes.size(), 2U);
    EXPECT_EQ(sizes[0] + sizes[1], kTakenUnread);
    EXPECT_GT(sizes[1], async::Buffer::kBulk);
}

TEST(ClientPool, ReadsALongBodyInSmallPieces) {
    constexpr std::size_t kLong = 1'000'000;
    const std::vector<std::size_t> sizes = pieces_of(kLong);
    EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), kLong);
    EXPECT_LE(std::ranges::max(sizes), async::Buffer::kBulk);
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
    Scene scene(always(std::string(kOk)), {.limits = {.idle_timeout = milliseconds(10)}});
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

TEST(ClientPool, RefusesAMappedRequestThatIsNotHttp) {
    Scene scene(always(std::string(kOk)));
    Fields fields;
    fields.add("X", "a\r\nY: b");
    EXPECT_TRUE(scene.call({.method = "GET", .path = "/", .fields = &fields})
                    .starts_with("mapping.failed: "));
    EXPECT_TRUE(scene.call({.method = "GET", .path = "/a b"}).starts_with("mapping.failed: "));
    EXPECT_EQ(scene.pool.counts().open, 0U);
}

TEST(ClientPool, SaysWhetherARequestCanBeSentAgain) {
    const OutgoingRequest request{.method = "POST", .path = "/"};
    const auto retryable = [&](Scene& scene) {
        const auto call = [](Scene& on, const OutgoingRequest& asked) -> Task<bool> {
            const auto answer = co_await on.pool.call(on.origin, asked, {});
            co_return answer.error().retryable;
        };
        return async::run_on(*scene.loop, call(scene, request));
    };
    Scene nobody(always(std::string(kOk)));
    nobody.origin = Origin("127.0.0.1", 1);
    EXPECT_TRUE(retryable(nobody));
    Scene lost(once(""));
    EXPECT_TRUE(retryable(lost));
    Scene begun(once("HTTP/1.1 200"));
    EXPECT_FALSE(retryable(begun));
    Scene bad(once("SSH-2.0-server\r\n"));
    EXPECT_FALSE(retryable(bad));
}

TEST(ClientPool, KeepsOwnConnectionsAndLimitsOfAnOwner) {
    Scene scene(always(std::string(kOk)));
    EXPECT_EQ(scene.get(), "200 ok");
    scene.origin = scene.origin.with_own_pool("pets", {.idle = 0});
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.backend.connections(), 2) << "the connection of somebody else was used";
    EXPECT_EQ(scene.pool.counts().open, 1U) << "idle = 0 keeps nothing";
    scene.origin.limits->idle = 1;
    EXPECT_EQ(scene.get(), "200 ok");
    EXPECT_EQ(scene.pool.counts().open, 2U) << "changed limits hold at once";
}

// ---- limits -------------------------------------------------------------------------------------

TEST(ClientPool, LetsRequestsWaitForAPlaceAndRefusesWhenTooManyDo) {
    Scene scene(always(std::string(kOk)), {.limits = {.connections = 1, .waiting = 1}});
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
                {.limits = {.connections = 1}});
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
