// For tests: raw bytes over loopback sockets, client and backend on the same loop as what is
// tested.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/connector.h"
#include "async/listener.h"
#include "base/clock.h"
#include "http/client.h"
#include "http/server.h"

namespace lintel::http {

inline const IpAddress kLoopback = IpAddress::v4(0x7F000001);

/// One end of a raw connection.
class RawPeer {
public:
    explicit RawPeer(async::Socket socket) : socket_(std::move(socket)) {}

    async::Socket& socket() { return socket_; }
    Task<bool> send(std::string bytes) {
        const std::span<const char> all(bytes);
        co_return co_await socket_.send(all, std::chrono::milliseconds(30'000)) >= 0;
    }
    /// Reads up to and including the text, or what there is until the peer closed.
    Task<std::string> until(std::string text) {
        std::size_t at = 0;
        while ((at = received_.find(text)) == std::string::npos) {
            if (!co_await more()) { co_return std::exchange(received_, {}); }
        }
        std::string bytes = received_.substr(0, at + text.size());
        received_.erase(0, bytes.size());
        co_return bytes;
    }
    /// Reads exactly so many bytes, or what there is until the peer closed.
    Task<std::string> exactly(std::size_t size) {
        while (received_.size() < size) {
            if (!co_await more()) { break; }
        }
        std::string bytes = received_.substr(0, size);
        received_.erase(0, bytes.size());
        co_return bytes;
    }
    Task<std::string> to_the_end() {
        while (co_await more()) {}
        co_return std::exchange(received_, {});
    }
    /// Why the last read ended: 0 = the peer closed, else a negative errno.
    async::IoResult ended() const { return ended_; }

private:
    Task<bool> more() {
        std::array<char, 5000> piece;
        const async::IoResult got =
            co_await socket_.recv(piece, socket_.loop().after(std::chrono::milliseconds(20'000)));
        if (got <= 0) {
            ended_ = got;
            co_return false;
        }
        received_.append(piece.data(), static_cast<std::size_t>(got));
        co_return true;
    }

    async::Socket socket_;
    std::string received_;
    async::IoResult ended_ = 1;
};

/// Accepts raw connections; each runs `talk` with its number.
class RawBackend {
public:
    using Talk = std::function<Task<void>(RawPeer&, int)>;

    RawBackend(async::Loop& loop, Talk talk) : talk_(std::move(talk)) {
        auto sockets = async::ListenSocket::open({kLoopback, 0}, 1);
        EXPECT_TRUE(sockets.has_value());
        address_ = sockets->front().address();
        listener_ = std::make_unique<async::Listener>(
            loop, std::move(sockets->front()), [this](async::Accepted accepted) {
                talks_.push_back(serve(std::move(accepted.socket), connections_++));
                talks_.back().start();
            });
    }
    std::uint16_t port() const { return address_.port; }
    int connections() const { return connections_; }

private:
    Task<void> serve(async::Socket socket, int number) {
        RawPeer peer(std::move(socket));
        co_await talk_(peer, number);
    }

    Talk talk_;
    std::vector<Task<void>> talks_;  // destroying one cancels it
    async::SocketAddress address_;
    std::unique_ptr<async::Listener> listener_;
    int connections_ = 0;
};

/// A handler made of a function.
class TestHandler final : public Handler {
public:
    using Serve = std::function<Task<void>(ServerExchange&)>;
    explicit TestHandler(Serve serve) : serve_(std::move(serve)) {}
    Task<void> handle(ServerExchange& exchange) override { return serve_(exchange); }

private:
    Serve serve_;
};

/// A server with a handler on its own loop.
struct ServerScene {
    std::unique_ptr<async::Loop> loop = *async::Loop::open();
    FakeClock clock{1'764'000'000'000};
    TestHandler handler;
    ConnectionLimits limits;
    Server server;
    async::SocketAddress address;

    explicit ServerScene(TestHandler::Serve serve, ServerOptions options = {},
                         std::size_t connections = 1000)
        : handler(std::move(serve)),
          limits(connections),
          server(*loop, handler, clock, limits, options) {
        auto sockets = async::ListenSocket::open({kLoopback, 0}, 1);
        EXPECT_TRUE(sockets.has_value());
        address = sockets->front().address();
        server.listen(std::move(sockets->front()));
    }
    RawPeer connect() {
        auto socket =
            async::run_on(*loop, async::connect(*loop, address, async::Deadline::never()));
        EXPECT_TRUE(socket.has_value());
        return RawPeer(*std::move(socket));
    }
    /// Sends bytes on a fresh connection and gives everything that comes back until it is closed.
    std::string exchange(std::string bytes) {
        RawPeer peer = connect();
        EXPECT_TRUE(async::run_on(*loop, peer.send(std::move(bytes))));
        return async::run_on(*loop, peer.to_the_end());
    }
    void run_until(const std::function<bool()>& done) {
        while (!done()) {
            loop->turn();
        }
    }
};

}  // namespace lintel::http
