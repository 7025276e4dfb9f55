#include <fmt/core.h>
#include <gtest/gtest.h>

#include "backends/backends.h"
#include "http/raw_peer_test.h"
#include "scenarios/scenario.h"

namespace lintel::backends {
namespace {

using lintel::http::RawBackend;
using lintel::http::RawPeer;
using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

TEST(Http, Scenarios) {
    scenarios::run_scenarios(
        kinds_of(register_backends), "http",
        {
            {.name = "the address is required", .config = "{}", .faults = {"/url"}},
            {.name = "tls needs an https address",
             .config = R"({"url": "http://pets.example", "tls": {"verify": false}})",
             .faults = {"/tls"}},
            {.name = "authorities are certificates",
             .config = R"({"url": "https://pets.example", "tls": {"authorities": "none"}})",
             .faults = {"/tls/authorities"}},
            {.name = "other schemes are refused",
             .config = R"({"url": "ftp://pets.example"})",
             .faults = {"/url"}},
            {.name = "a path does not belong into the address",
             .config = R"({"url": "http://pets.example/v1"})",
             .faults = {"/url"}},
            {.name = "nor does a user",
             .config = R"({"url": "http://me@pets.example"})",
             .faults = {"/url"}},
            {.name = "a port is a number up to 65535",
             .config = R"({"url": "http://pets.example:65536"})",
             .faults = {"/url"}},
            {.name = "a host is a name",
             .config = R"({"url": "http://pets example"})",
             .faults = {"/url"}},
            {.name = "a broken IPv6 address is refused",
             .config = R"({"url": "http://[::1"})",
             .faults = {"/url"}},
            {.name = "the timeout is at least a millisecond",
             .config = R"({"url": "http://pets.example", "timeout_ms": 0})",
             .faults = {"/timeout_ms"}},
            {.name = "the timeout is at most half an hour",
             .config = R"({"url": "http://pets.example", "timeout_ms": 1800001})",
             .faults = {"/timeout_ms"}},
            {.name = "a name nobody knows is a 502",
             .config = R"({"url": "http://no-such-name.example"})",
             .status = 502,
             .code = "backend.resolve"},
            {.name = "nobody listening is a 502",
             .config = R"({"url": "http://127.0.0.1:1"})",
             .status = 502,
             .code = "backend.connect"},
            {.name = "cloud metadata is never reached",
             .config = R"({"url": "http://169.254.169.254"})",
             .status = 502,
             .code = "backend.refused_address"},
            {.name = "nor through IPv6",
             .config = R"({"url": "http://[::ffff:169.254.169.254]:80"})",
             .status = 502,
             .code = "backend.refused_address"},
        });
}

/// A stage whose one api is passed to a raw backend.
struct Proxied {
    Stage stage{kinds_of(register_backends)};
    std::vector<std::string> heads;  ///< of the requests the backend received
    std::string body;
    RawBackend backend;

    explicit Proxied(std::string answer, std::string api = R"({"method": "GET", "path": "/pets"})",
                     std::string more_settings = {}, std::size_t body_size = 0)
        : backend(stage.loop(), [this, answer, body_size](RawPeer& peer, int) {
              return serve(peer, *this, answer, body_size);
          }) {
        const std::string settings =
            fmt::format(R"({{"url": "http://127.0.0.1:{}"{}}})", backend.port(), more_settings);
        ServiceSetup setup{.api = std::move(api)};
        setup.backend = {"http", settings};
        const Status published = stage.publish(setup);
        EXPECT_TRUE(published.has_value());
    }

    static Task<void> serve(RawPeer& peer, Proxied& of, std::string answer, std::size_t size) {
        while (true) {
            std::string head = co_await peer.until("\r\n\r\n");
            if (head.empty()) { co_return; }
            of.heads.push_back(std::move(head));
            of.body = co_await peer.exactly(size);
            if (!co_await peer.send(answer)) { co_return; }
        }
    }
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Pet: cat\r\n\r\nok";

TEST(Http, PassesTheAnswerOnUnchanged) {
    Proxied proxied(
        "HTTP/1.1 418 I'm a teapot\r\nX-Pet: cat\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
        "Connection: x-hop\r\nX-Hop: 1\r\nContent-Length: 3\r\n\r\ntea");
    const scenarios::Answer answer = proxied.stage.call({});
    EXPECT_EQ(answer.status, 418);
    EXPECT_EQ(answer.body, "tea");
    EXPECT_EQ(answer.header("X-Pet"), "cat");
    EXPECT_FALSE(answer.has_header("X-Hop"));
    EXPECT_EQ(std::ranges::count_if(answer.headers,
                                    [](const auto& field) { return field.first == "Set-Cookie"; }),
              2);
}

TEST(Http, SaysWhoCalledExactlyOnce) {
    Proxied proxied{std::string(kOk)};
    const scenarios::Answer answer =
        proxied.stage.call({.headers = {{"X-Forwarded-For", "198.51.100.1"},
                                        {"x-forwarded-for", "198.51.100.2"},
                                        {"X-Real-IP", "198.51.100.3"},
                                        {"X-Forwarded-Proto", "gopher"},
                                        {"X-Forwarded-Host", "evil.example"},
                                        {"X-Request-Id", "mine"},
                                        {"X-Pet", "dog"}}});
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(proxied.heads.size(), 1U);
    const std::string& head = proxied.heads[0];
    const auto has = [&](const std::string& line) {
        return head.find("\r\n" + line + "\r\n") != std::string::npos;
    };
    EXPECT_TRUE(head.starts_with("GET /pets HTTP/1.1\r\nHost: 127.0.0.1:")) << head;
    EXPECT_TRUE(has("X-Forwarded-For: 203.0.113.7")) << head;
    EXPECT_TRUE(has("X-Real-IP: 203.0.113.7")) << head;
    EXPECT_TRUE(has("X-Forwarded-Proto: http")) << head;
    EXPECT_TRUE(has("X-Forwarded-Host: localhost")) << head;
    EXPECT_TRUE(has("X-Request-Id: " + answer.header("X-Request-Id"))) << head;
    EXPECT_TRUE(has("X-Pet: dog")) << head;
    for (const char* spoofed : {"198.51.100.", "gopher", "evil.example", "X-Request-Id: mine"}) {
        EXPECT_EQ(head.find(spoofed), std::string::npos) << head;
    }
}

TEST(Http, StreamsTheBodyAndKeepsItsLength) {
    const std::string sent(100'000, 'b');
    Proxied proxied(std::string(kOk), R"({"method": "POST", "path": "/pets"})", "", sent.size());
    const scenarios::Answer answer =
        proxied.stage.call({.method = "POST", .headers = {{"Content-Type", "a/b"}}, .body = sent});
    EXPECT_EQ(answer.body, "ok");
    EXPECT_EQ(proxied.body, sent);
    EXPECT_NE(proxied.heads[0].find("Content-Length: 100000\r\n"), std::string::npos);
    EXPECT_NE(proxied.heads[0].find("Content-Type: a/b\r\n"), std::string::npos);
}

TEST(Http, SendsTheHostFieldThatIsSet) {
    Proxied proxied(std::string(kOk), R"({"method": "GET", "path": "/pets"})",
                    R"(, "host_header": "pets.internal")");
    EXPECT_EQ(proxied.stage.call({}).status, 200);
    EXPECT_NE(proxied.heads[0].find("\r\nHost: pets.internal\r\n"), std::string::npos);
}

TEST(Http, KeepsTheConnectionToTheBackend) {
    Proxied proxied{std::string(kOk)};
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(proxied.stage.call({}).body, "ok");
    }
    EXPECT_EQ(proxied.backend.connections(), 1);
}

TEST(Http, NeverPassesABadAnswerOn) {
    Proxied proxied("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok");
    const scenarios::Answer answer = proxied.stage.call({});
    EXPECT_EQ(answer.status, 502);
    EXPECT_EQ(answer.code, "backend.bad_answer");
}

TEST(Http, SaysWhichTimerRanOut) {
    Proxied proxied("", R"({"method": "GET", "path": "/pets"})", R"(, "timeout_ms": 20)");
    const scenarios::Answer answer = proxied.stage.call({});
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(answer.code, "backend.timeout");
    EXPECT_NE(answer.body.find("did not answer within 20 ms"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace lintel::backends
