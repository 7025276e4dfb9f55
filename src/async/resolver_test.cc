#include "async/resolver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace lintel::async {
namespace {

using std::chrono::milliseconds;

/// A name server on loopback: answers A questions with one address, everything else with nothing.
class FakeNameServer {
public:
    FakeNameServer() {
        descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&at), sizeof at);
        socklen_t size = sizeof at;
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&at), &size);
        address = fmt::format("127.0.0.1:{}", ntohs(at.sin_port));
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~FakeNameServer() {
        thread_.request_stop();
        thread_.join();
        ::close(descriptor_);
    }

    std::string address;
    std::atomic<bool> silent{false};
    std::atomic<int> questions{0};
    std::atomic<std::uint8_t> last_octet{1};
    std::atomic<std::uint8_t> ttl_s{60};

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd poll{.fd = descriptor_, .events = POLLIN, .revents = 0};
            if (::poll(&poll, 1, 20) <= 0) { continue; }
            std::array<char, 512> packet{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const ssize_t got = ::recvfrom(descriptor_, packet.data(), packet.size(), 0,
                                           reinterpret_cast<sockaddr*>(&from), &size);
            if (got < 17 || silent) { continue; }
            const std::string reply = answer({packet.data(), static_cast<std::size_t>(got)});
            ::sendto(descriptor_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from),
                     size);
        }
    }
    std::string answer(std::string_view question) {
        std::size_t end = question.find('\0', 12) + 5;
        const bool wants_v4 = question[end - 3] == 1;
        if (wants_v4) { ++questions; }
        std::string reply(question.substr(0, 2));
        reply += std::string("\x81\x80\x00\x01\x00", 5);
        reply += wants_v4 ? '\x01' : '\x00';
        reply += std::string(4, '\0');
        reply += question.substr(12, end - 12);
        if (wants_v4) {
            reply += std::string("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00", 9);
            reply += static_cast<char>(ttl_s.load());
            reply += std::string("\x00\x04\x0a\x00\x00", 5);
            reply += static_cast<char>(last_octet.load());
        }
        return reply;
    }

    int descriptor_;
    std::jthread thread_;
};

struct Scene {
    FakeNameServer server;
    std::unique_ptr<Loop> loop = *Loop::open();
    std::unique_ptr<Resolver> resolver;

    explicit Scene(Resolver::Options options = {}) {
        options.servers = server.address;
        resolver = *Resolver::open(options);
    }
    std::string resolve(std::string name, milliseconds wait = milliseconds(5000)) {
        const auto answer =
            run_on(*loop, resolver->resolve(*loop, std::move(name), loop->after(wait)));
        if (!answer) { return std::string(info(answer.error().code).name); }
        return (*answer)->front().to_string();
    }
};

TEST(Resolver, AnswersLiteralsAndLocalhostWithoutAsking) {
    Scene scene;
    EXPECT_EQ(scene.resolve("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(scene.resolve("[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(scene.resolve("LocalHost"), "127.0.0.1");
    EXPECT_EQ(scene.resolve("localhost."), "127.0.0.1");
    EXPECT_EQ(scene.server.questions, 0);
}

TEST(Resolver, AsksOnceAndRemembersForTheTimeToLive) {
    Scene scene;
    EXPECT_EQ(scene.resolve("backend.example"), "10.0.0.1");
    scene.server.last_octet = 2;
    EXPECT_EQ(scene.resolve("Backend.Example"), "10.0.0.1");
    EXPECT_EQ(scene.server.questions, 1);
}

TEST(Resolver, ServesTheLastGoodAddressWhileTheServerIsSilent) {
    Scene scene({.ttl_floor = milliseconds(0), .ttl_ceiling = milliseconds(0)});
    EXPECT_EQ(scene.resolve("backend.example"), "10.0.0.1");
    scene.server.silent = true;
    EXPECT_EQ(scene.resolve("backend.example"), "10.0.0.1");
}

TEST(Resolver, LearnsTheNewAddressOnceTheOldOneIsStale) {
    Scene scene({.ttl_floor = milliseconds(0), .ttl_ceiling = milliseconds(0)});
    EXPECT_EQ(scene.resolve("backend.example"), "10.0.0.1");
    scene.server.last_octet = 7;
    std::string seen;
    while (seen != "10.0.0.7") {
        seen = scene.resolve("backend.example");
    }
    EXPECT_EQ(seen, "10.0.0.7");
}

TEST(Resolver, GivesUpAtTheDeadline) {
    Scene scene;
    scene.server.silent = true;
    EXPECT_EQ(scene.resolve("backend.example", milliseconds(20)), "backend.timeout");
}

}  // namespace
}  // namespace lintel::async
