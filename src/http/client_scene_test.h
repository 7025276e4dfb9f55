// A client pool that talks to a raw backend on the same loop, for the tests of the client.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/client.h"
#include "http/raw_peer_test.h"

namespace lintel::http {

inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A pool that calls one raw backend on the same loop.
struct ClientScene {
    std::unique_ptr<async::Loop> loop = *async::Loop::open();
    std::unique_ptr<async::Resolver> resolver = *async::Resolver::open({.servers = "127.0.0.1:9"});
    async::Connector connector{*loop, *resolver,
                               [](const IpAddress&, std::uint16_t) { return std::string_view(); }};
    RawBackend backend;
    Origin origin;
    ClientPool pool;

    explicit ClientScene(RawBackend::Talk talk, ClientOptions options = {})
        : backend(*loop, std::move(talk)),
          origin("127.0.0.1", backend.port()),
          pool(*loop, connector, options) {}
    ~ClientScene() { pool.close_idle(); }

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

inline Task<void> answer_every_head(RawPeer& peer, std::string bytes) {
    while (!(co_await peer.until("\r\n\r\n")).empty()) {
        if (!co_await peer.send(bytes)) { break; }
    }
}
/// Answers every request without a body with the same bytes.
inline RawBackend::Talk always(std::string bytes) {
    return [bytes](RawPeer& peer, int) { return answer_every_head(peer, bytes); };
}

}  // namespace lintel::http
