// What bounds a connection of HTTP/2. The rules of the protocol are tested from outside.
#include <gtest/gtest.h>

#include "http/http1_server_echo_test.h"

namespace lintel::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum FrameType : std::uint8_t { Data = 0, Headers = 1, Reset = 3, Settings = 4, Goaway = 7 };
enum Flag : std::uint8_t { EndStream = 1, EndHeaders = 4 };

std::string frame(FrameType kind, int flags, std::uint32_t stream, std::string_view payload = {}) {
    const std::size_t size = payload.size();
    std::string text;
    for (const std::size_t byte :
         {size >> 16U, size >> 8U, size, std::size_t{kind}, static_cast<std::size_t>(flags),
          std::size_t{stream} >> 24U, std::size_t{stream} >> 16U, std::size_t{stream} >> 8U,
          std::size_t{stream}}) {
        text.push_back(static_cast<char>(byte & 0xFFU));
    }
    return text.append(payload);
}

std::string begin() {
    return std::string(kPreface) + frame(Settings, 0, 0);
}

/// ":method: POST, :scheme: http, :path: /, :authority: a" by indexes and one literal.
constexpr std::string_view kPost =
    "\x83\x86\x84\x41\x01"
    "a";

/// The kinds of the frames in what came, SETTINGS left out.
std::string kinds_in(std::string_view bytes) {
    std::string kinds;
    while (bytes.size() >= 9) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
        const std::size_t size =
            (std::size_t{byte(0)} << 16U) + (std::size_t{byte(1)} << 8U) + byte(2);
        if (byte(3) != Settings && byte(3) != 8) {
            kinds += kinds.empty() ? "" : " ";
            kinds += std::to_string(byte(3));
        }
        bytes.remove_prefix(std::min(bytes.size(), 9 + size));
    }
    return kinds;
}

TEST(Http2Server, SaysGoodbyeToAnIdleConnection) {
    ServerScene scene(echo, {.keep_alive_timeout = milliseconds(20)});
    EXPECT_EQ(kinds_in(scene.exchange(begin())), "7");
}

TEST(Http2Server, AnswersThenWaitsThenSaysGoodbye) {
    ServerScene scene(echo, {.keep_alive_timeout = milliseconds(20)});
    EXPECT_EQ(kinds_in(scene.exchange(begin() + frame(Headers, EndHeaders | EndStream, 1, kPost))),
              "1 0 7");
}

TEST(Http2Server, CutsAHeadThatStalls) {
    ServerScene scene(echo, {.head_timeout = milliseconds(20)});
    EXPECT_EQ(kinds_in(scene.exchange(begin() + frame(Headers, EndStream, 1, kPost))), "");
}

TEST(Http2Server, AMalformedHeadIsNoHeadThatStalls) {
    ServerScene scene(echo,
                      {.head_timeout = milliseconds(20), .keep_alive_timeout = milliseconds(900)});
    const std::string upper = std::string(kPost) + std::string("\x00\x01X\x01y", 5);
    RawPeer peer = scene.connect();
    async::run_on(*scene.loop,
                  peer.send(begin() + frame(Headers, EndHeaders | EndStream, 1, upper)));
    const std::uint64_t begun = scene.loop->now_ms();
    EXPECT_EQ(kinds_in(async::run_on(*scene.loop, peer.to_the_end())), "3 7");
    EXPECT_GT(scene.loop->now_ms() - begun, 800U);
}

TEST(Http2Server, EndsABodyThatStalls) {
    ServerScene scene(
        echo, {.body_idle_timeout = milliseconds(20), .keep_alive_timeout = milliseconds(20)});
    const std::string seen =
        scene.exchange(begin() + frame(Headers, EndHeaders, 1, kPost) + frame(Data, 0, 1, "x"));
    EXPECT_NE(seen.find("broken request.timeout"), std::string::npos);
    EXPECT_EQ(kinds_in(seen), "1 0 3 7");
}

Task<void> answer_in_vain(ServerExchange& exchange) {
    OutgoingResponse response;
    response.body = "nobody reads this";
    EXPECT_FALSE((co_await exchange.send(response)).has_value());
}

TEST(Http2Server, GivesUpAReaderThatTakesNothing) {
    ServerScene scene(answer_in_vain, {.keep_alive_timeout = milliseconds(20),
                                       .send_stall_timeout = milliseconds(40)});
    // The first stream may be sent nothing at all.
    const std::string no_window =
        frame(Settings, 0, 0, std::string_view("\x00\x04\x00\x00\x00\x00", 6));
    EXPECT_EQ(kinds_in(scene.exchange(std::string(kPreface) + no_window +
                                      frame(Headers, EndHeaders | EndStream, 1, kPost))),
              "1 3 7");
}

}  // namespace
}  // namespace lintel::http
