#include <gtest/gtest.h>

#include <algorithm>

#include "http/client_scene_test.h"

namespace lintel::http {
namespace {

using Scene = ClientScene;

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

}  // namespace
}  // namespace lintel::http
