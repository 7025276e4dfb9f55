#include <fmt/core.h>
#include <gtest/gtest.h>

#include "backends/backends.h"
#include "gateway/upstream/upstream_registry.h"
#include "gateway/upstream/upstream_settings.h"
#include "http/raw_peer_test.h"
#include "scenarios/scenario.h"

namespace lintel::backends {
namespace {

using gateway::Upstream;
using lintel::http::RawBackend;
using lintel::http::RawPeer;
using scenarios::Answer;
using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

constexpr std::string_view kBriefOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
constexpr std::uint16_t kNobody = 1;  // nobody listens there

/// A server that counts what it is asked and answers the same always; nothing: it hangs up.
struct Server {
    Server(async::Loop& loop, std::string_view says)
        : backend(loop, [this, text = std::string(says)](RawPeer& peer, int) {
              return serve(peer, asked, text);
          }) {}

    static Task<void> serve(RawPeer& peer, int& asked, std::string text) {
        while (!(co_await peer.until("\r\n\r\n")).empty()) {
            ++asked;
            if (text.empty() || !co_await peer.send(text)) { co_return; }
        }
    }

    int asked = 0;
    RawBackend backend;
};

/// A stage with the upstream "pets" in slot 0.
struct Balanced {
    Stage stage{kinds_of(register_backends)};
    Upstream upstream;

    explicit Balanced(const std::string& settings = "{}") {
        gateway::UpstreamRegistry& registry = stage.upstream_registry();
        upstream.id = "ups_1";
        upstream.name = "pets";
        upstream.edition = registry.next_edition();
        upstream.state = registry.state(upstream.id);
        EXPECT_TRUE(gateway::read_upstream_settings(*data::parse_json(settings), upstream));
        registry.set_names({{"pets", registry.slot(upstream.id)}});
    }
    void add(std::uint16_t port) {
        const std::string address = fmt::format("127.0.0.1:{}", port);
        upstream.servers.push_back(
            {.address = address,
             .origin = http::Origin("127.0.0.1", port),
             .check_origin = {},
             .state = stage.upstream_registry().server(upstream.id, address)});
    }
    void publish(const std::string& more_settings = "", const std::string& method = "GET") {
        ServiceSetup setup{.api = fmt::format(R"({{"method": "{}", "path": "/pets"}})", method)};
        setup.backend = {"http", fmt::format(R"({{"upstream": "pets"{}}})", more_settings)};
        setup.upstreams = {std::make_shared<const Upstream>(upstream)};
        const Status published = stage.publish(setup);
        ASSERT_TRUE(published) << published.error().message;
    }
    Answer call(const std::string& method = "GET") {
        return stage.call({.method = method, .body = method == "GET" ? "" : "{}"});
    }
    /// Of `count` calls, how many were answered 200.
    int good_of(int count, const std::string& method = "GET") {
        int good = 0;
        for (int i = 0; i < count; ++i) {
            good += call(method).status == 200 ? 1 : 0;
        }
        return good;
    }
};

TEST(HttpUpstream, Scenarios) {
    scenarios::run_scenarios(
        kinds_of(register_backends), "http",
        {
            {.name = "an upstream that nobody made is refused",
             .config = R"({"upstream": "pets"})",
             .faults = {"/upstream"}},
            {.name = "an address and an upstream are one too many",
             .config = R"({"upstream": "pets", "url": "http://pets.example"})",
             .faults = {"/url"}},
            {.name = "the breaker of an upstream is its own",
             .config = R"({"upstream": "pets", "breaker": {}})",
             .faults = {"/breaker"}},
            {.name = "so is its TLS",
             .config = R"({"upstream": "pets", "tls": {}})",
             .faults = {"/tls"}},
            {.name = "so is the version it speaks",
             .config = R"({"upstream": "pets", "http_version": "2"})",
             .faults = {"/http_version"}},
            {.name = "eleven retries are too many",
             .config = R"({"url": "http://pets.example", "retries": 11})",
             .faults = {"/retries"}},
            {.name = "a range runs upwards",
             .config = R"({"url": "http://pets.example", "retry_on": ["599-500"]})",
             .faults = {"/retry_on"}},
            {.name = "so does that of a breaker",
             .config = R"({"url": "http://pets.example", "breaker": {"statuses": ["599-500"]}})",
             .faults = {"/breaker/statuses"}},
        });
}

TEST(HttpUpstream, CallsItsServersInTurn) {
    Balanced balanced;
    Server first(balanced.stage.loop(), kBriefOk);
    Server second(balanced.stage.loop(), kBriefOk);
    balanced.add(first.backend.port());
    balanced.add(second.backend.port());
    balanced.publish();
    EXPECT_EQ(balanced.good_of(10), 10);
    EXPECT_EQ(first.asked, 5);
    EXPECT_EQ(second.asked, 5);
    EXPECT_EQ(first.backend.connections(), 1) << "connections are kept";
}

TEST(HttpUpstream, CallsAnotherServerWhenOneCannotBeReached) {
    Balanced balanced;
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(kNobody);
    balanced.add(good.backend.port());
    balanced.publish();
    EXPECT_EQ(balanced.good_of(4), 4);
    EXPECT_EQ(good.asked, 4);
    EXPECT_EQ(balanced.upstream.state->budget.taken(), 2U);
}

TEST(HttpUpstream, NeverSendsAPostTwiceUnlessAsked) {
    Balanced balanced;
    Server lost(balanced.stage.loop(), "");
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(lost.backend.port());
    balanced.add(good.backend.port());
    balanced.publish("", "POST");
    EXPECT_EQ(balanced.good_of(4, "POST"), 2);
    EXPECT_EQ(lost.asked + good.asked, 4);
    balanced.publish(R"(, "retries": 1)", "POST");
    EXPECT_EQ(balanced.good_of(4, "POST"), 4);
}

TEST(HttpUpstream, RetriesAsOftenAsIsSaid) {
    Balanced balanced;
    balanced.add(kNobody);
    balanced.add(kNobody + 1);
    balanced.add(kNobody + 2);
    balanced.publish(R"(, "retries": 2)");
    EXPECT_EQ(balanced.call().code, "backend.connect");
    EXPECT_EQ(balanced.upstream.state->budget.taken(), 2U);
    for (const gateway::UpstreamServer& server : balanced.upstream.servers) {
        EXPECT_EQ(server.state->report(0).calls, 1U) << "other servers come first";
    }
    balanced.publish(R"(, "retries": 0)");
    EXPECT_EQ(balanced.call().code, "backend.connect");
    EXPECT_EQ(balanced.upstream.state->budget.taken(), 2U);
}

TEST(HttpUpstream, RetriesOnTheStatusesThatAreSaid) {
    Balanced balanced;
    Server busy(balanced.stage.loop(), kBusy);
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(busy.backend.port());
    balanced.add(good.backend.port());
    balanced.publish(R"(, "retry_on": ["500-599"])");
    EXPECT_EQ(balanced.good_of(4), 4);
    EXPECT_EQ(busy.asked, 2);
    balanced.publish(R"(, "retry_on": ["503"], "retries": 0)");
    EXPECT_EQ(balanced.good_of(4), 2) << "without a retry left the answer is passed on";
    EXPECT_EQ(balanced.call().body, "busy");
}

TEST(HttpUpstream, RetriesNoMoreThanTheBudgetAllows) {
    Balanced balanced(R"({"retry_budget": {"percent": 0, "min_per_second": 0}})");
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(kNobody);
    balanced.add(good.backend.port());
    balanced.publish();
    EXPECT_EQ(balanced.good_of(4), 2);
    EXPECT_EQ(balanced.upstream.state->budget.refused(), 2U);
}

TEST(HttpUpstream, LeavesAServerAloneThatFailsTooOften) {
    Balanced balanced(R"({"health": {"passive": {"failures": 2, "statuses": ["503"]}}})");
    Server busy(balanced.stage.loop(), kBusy);
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(busy.backend.port());
    balanced.add(good.backend.port());
    balanced.publish();
    EXPECT_EQ(balanced.good_of(12), 10);
    EXPECT_EQ(busy.asked, 2);
}

TEST(HttpUpstream, SaysThatNoServerCanBeCalled) {
    Balanced balanced;
    Server drained(balanced.stage.loop(), kBriefOk);
    balanced.add(drained.backend.port());
    balanced.upstream.servers[0].weight = 0;
    balanced.publish();
    const Answer answer = balanced.call();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code, "backend.unavailable");
    EXPECT_EQ(drained.asked, 0);
}

TEST(HttpUpstream, StopsCallingWhileItsBreakerIsOpen) {
    Balanced balanced(R"({"breaker": {"failures": 3}, "health": {"passive": {"failures": 0}}})");
    Server busy(balanced.stage.loop(), kBusy);
    balanced.add(busy.backend.port());
    balanced.publish();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(balanced.call().body, "busy");
    }
    const Answer answer = balanced.call();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code, "backend.breaker_open");
    EXPECT_EQ(answer.header("Retry-After"), "15");
    EXPECT_EQ(busy.asked, 3);
    balanced.publish(R"(, "timeout_ms": 1000)");
    EXPECT_EQ(balanced.call().code, "backend.breaker_open") << "a publish closed it";
}

TEST(HttpUpstream, CountsACallAsUnderWayUntilItsAnswerWasPassedOn) {
    Balanced balanced;
    Server good(balanced.stage.loop(), kBriefOk);
    balanced.add(good.backend.port());
    balanced.publish();
    EXPECT_EQ(balanced.good_of(3), 3);
    EXPECT_EQ(balanced.upstream.servers[0].state->in_flight(), 0U);
    EXPECT_EQ(balanced.upstream.servers[0].state->report(0).calls, 3U);
}

TEST(Http, StopsCallingAnAddressWhileItsBreakerIsOpen) {
    Stage stage(kinds_of(register_backends));
    Server lost(stage.loop(), "");
    const auto publish = [&](std::string_view more) {
        ServiceSetup setup;
        setup.backend = {"http", fmt::format(R"({{"url": "http://127.0.0.1:{}", "retries": 0,
                                                "breaker": {{"percent": 50, "min_calls": 2}}{}}})",
                                             lost.backend.port(), more)};
        EXPECT_TRUE(stage.publish(setup));
    };
    publish("");
    EXPECT_EQ(stage.call({}).code, "backend.reset");
    EXPECT_EQ(stage.call({}).code, "backend.reset");
    EXPECT_EQ(stage.call({}).code, "backend.breaker_open");
    publish(R"(, "timeout_ms": 1000)");
    EXPECT_EQ(stage.call({}).code, "backend.breaker_open") << "a publish closed it";
    EXPECT_EQ(lost.asked, 2);
}

TEST(Http, RetriesASafeRequestOnceAtAnAddressOfItsOwn) {
    Stage stage(kinds_of(register_backends));
    Server lost(stage.loop(), "");
    ServiceSetup setup;
    setup.backend = {"http",
                     fmt::format(R"({{"url": "http://127.0.0.1:{}"}})", lost.backend.port())};
    ASSERT_TRUE(stage.publish(setup));
    EXPECT_EQ(stage.call({}).code, "backend.reset");
    EXPECT_EQ(lost.asked, 2);
}

}  // namespace
}  // namespace lintel::backends
