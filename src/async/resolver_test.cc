#include "async/resolver.h"

#include <gtest/gtest.h>

#include "async/name_server_test.h"

namespace lintel::async {
namespace {

using std::chrono::milliseconds;

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
