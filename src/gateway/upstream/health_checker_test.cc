#include "gateway/upstream/health_checker.h"

#include <gtest/gtest.h>

#include "async/resolver.h"
#include "http/raw_peer_test.h"

namespace lintel::gateway {
namespace {

using lintel::http::RawBackend;
using lintel::http::RawPeer;
using std::chrono::milliseconds;

ActiveCheck check_of(ActiveCheck::Type type, std::string path = "/") {
    ActiveCheck check;
    check.type = type;
    check.path = std::move(path);
    return check;
}

/// A checker that runs, and one server on the loop of the test.
struct Checked {
    std::unique_ptr<async::Loop> loop = *async::Loop::open();
    std::unique_ptr<async::Resolver> resolver = *async::Resolver::open({.servers = "127.0.0.1:9"});
    std::string says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    std::string asked;  ///< the last head
    RawBackend backend{*loop, [this](RawPeer& peer, int) { return serve(peer, *this); }};
    std::shared_ptr<ServerState> state = std::make_shared<ServerState>();
    std::unique_ptr<HealthChecker> checker;

    explicit Checked(async::AddressRule rule = [](const IpAddress&, std::uint16_t) {
        return std::string_view();
    }) {
        checker = *HealthChecker::open(*resolver, std::move(rule), {});
        checker->start();
    }
    ~Checked() {
        checker->stop();
        resolver.reset();
    }

    static Task<void> serve(RawPeer& peer, Checked& of) {
        of.asked = co_await peer.until("\r\n\r\n");
        co_await peer.send(of.says);
    }

    std::shared_ptr<Upstream> upstream(ActiveCheck check) const {
        check.interval = milliseconds(100);
        check.timeout = milliseconds(5000);
        check.thresholds = {.healthy = 2, .unhealthy = 2};
        check.statuses = *StatusSet::parse(std::vector<std::string>{"200"});
        auto made = std::make_shared<Upstream>();
        made->id = "ups_1";
        made->name = "pets";
        made->active = check;
        const http::Origin origin("127.0.0.1", backend.port());
        made->servers.push_back(
            {.address = "pets:80", .origin = origin, .check_origin = origin, .state = state});
        return made;
    }
    void install(std::shared_ptr<const Upstream> upstream) {
        checker->install(std::make_shared<const UpstreamTable>(std::vector{std::move(upstream)}));
    }
    ServerReport report() const { return state->report(loop->now_ms()); }
    void run_until(const std::function<bool()>& done) {
        while (!done()) {
            // What wakes the loop are the checks; a job of its own makes sure that it looks again.
            loop->post([] {});
            loop->turn();
        }
    }
};

TEST(HealthChecker, TakesAServerOutAndBringsItBack) {
    Checked checked;
    checked.install(checked.upstream(check_of(ActiveCheck::Type::Http, "/up")));
    checked.run_until([&] { return checked.report().up.has_value(); });
    EXPECT_TRUE(checked.report().available);
    EXPECT_EQ(checked.report().last_check, "answered 200");
    EXPECT_TRUE(checked.asked.starts_with("GET /up HTTP/1.1\r\nHost: 127.0.0.1:")) << checked.asked;
    checked.says = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    checked.run_until([&] { return !checked.report().available; });
    EXPECT_EQ(checked.report().last_check, "answered 503, which is not expected");
    checked.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    checked.run_until([&] { return checked.report().available; });
}

TEST(HealthChecker, AsksByConnectingOnly) {
    Checked checked;
    checked.install(checked.upstream(check_of(ActiveCheck::Type::Tcp)));
    checked.run_until([&] { return checked.report().up.has_value(); });
    EXPECT_EQ(checked.report().last_check, "connected");
}

TEST(HealthChecker, OpensAConnectionForEachCheck) {
    Checked checked;
    checked.install(checked.upstream(check_of(ActiveCheck::Type::Http)));
    checked.run_until([&] { return checked.backend.connections() >= 2; });
}

TEST(HealthChecker, GoesOnlyWhereCallsMayGo) {
    Checked checked([](const IpAddress&, std::uint16_t) { return std::string_view("not here"); });
    checked.install(checked.upstream(check_of(ActiveCheck::Type::Http)));
    checked.run_until([&] { return !checked.report().available; });
    EXPECT_TRUE(checked.report().last_check.starts_with("not here")) << checked.report().last_check;
    EXPECT_EQ(checked.backend.connections(), 0);
}

TEST(HealthChecker, HoldsNothingAgainstAServerItDoesNotCheck) {
    Checked checked;
    checked.says = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    const auto upstream = checked.upstream(check_of(ActiveCheck::Type::Http));
    checked.install(upstream);
    checked.run_until([&] { return !checked.report().available; });
    const auto unchecked = std::make_shared<Upstream>(*upstream);
    unchecked->active.reset();
    checked.install(unchecked);
    checked.run_until([&] { return checked.report().available; });
    EXPECT_FALSE(checked.report().up.has_value());
}

}  // namespace
}  // namespace lintel::gateway
