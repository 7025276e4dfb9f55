// The data plane over real sockets on loopback: what needs threads and a server. The phases have
// their scenarios in pipeline_exits_test.cc.
#include "gateway/gateway.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <latch>
#include <optional>
#include <thread>

#include "data/json.h"
#include "gateway/contract.h"
#include "gateway/exchange.h"
#include "gateway/mapping.h"
#include "support/loopback.h"
#include "support/temporary_folder.h"

namespace lintel::gateway {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Says from which release it is, in two places.
class NamesItsRelease final : public Backend {
public:
    explicit NamesItsRelease(std::int64_t release) : text_(std::to_string(release)) {}
    Task<Verdict> call(Exchange& exchange) const override {
        exchange.response.status = 200;
        exchange.response.fields.add("X-Release", text_);
        exchange.response.body =
            exchange.arena().copy(std::to_string(exchange.snapshot.revision()));
        co_return Verdict::proceed();
    }

private:
    std::string text_;
};

std::shared_ptr<const Snapshot> snapshot(std::int64_t revision) {
    auto service = std::make_shared<CompiledService>();
    service->id = "svc_1";
    service->code = "pets";
    service->environment = "test";
    service->release = revision;
    auto route =
        std::make_shared<Route>(RouteNames{.api_name = "pets", .method = "GET", .path = "/pets"});
    const data::Json api = {{"method", "GET"}, {"path", "/pets"}};
    route->service = service.get();
    route->contract = Contract::build(api, api).value();
    route->mapping = Mapping::build(api).value();
    route->backend = std::make_unique<const NamesItsRelease>(revision);
    service->routes.push_back(std::move(route));
    return std::make_shared<const Snapshot>(
        revision, RouteTable().with(std::move(service)),
        std::make_shared<const CredentialTable>(std::vector<std::shared_ptr<const Credential>>()));
}

class Connection {
public:
    explicit Connection(std::uint16_t port) : socket_(support::connect_to(port)) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (connected()) { ::close(socket_); }
    }

    bool connected() const { return socket_ >= 0; }
    void send(std::string_view text) {
        EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    /// One answer with Content-Length; what came too much is kept for the next.
    std::string receive() {
        for (;;) {
            if (const auto end = length_of_answer(); end > 0) {
                std::string answer = rest_.substr(0, end);
                rest_.erase(0, end);
                return answer;
            }
            std::array<char, 4096> piece;
            const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
            if (got <= 0) { return std::exchange(rest_, {}); }
            rest_.append(piece.data(), static_cast<std::size_t>(got));
        }
    }

private:
    std::size_t length_of_answer() const {
        constexpr std::string_view kLength = "Content-Length: ";
        const auto head = rest_.find("\r\n\r\n");
        const auto at = rest_.find(kLength);
        if (head == std::string::npos || at == std::string::npos) { return 0; }
        const auto length = std::stoul(rest_.substr(at + kLength.size()));
        return rest_.size() >= head + 4 + length ? head + 4 + length : 0;
    }

    int socket_;
    std::string rest_;
};

constexpr std::string_view kCall = "GET /test/pets/pets HTTP/1.1\r\nHost: a\r\n\r\n";

class GatewayTest : public testing::Test {
protected:
    void SetUp() override {
        resolver = async::Resolver::open({}).value();
        open({.listen = {{{loopback()}}}, .workers = 2, .access_log = log_file().string()});
    }

    static async::SocketAddress loopback() { return {IpAddress::v4(0x7F000001), 0}; }
    fs::path log_file() const { return folder / "access.log"; }
    void open(GatewayOptions options) {
        auto opened = Gateway::open(std::move(options), {clock, *resolver, outbound, metrics, {}});
        ASSERT_TRUE(opened) << opened.error().message;
        gateway = *std::move(opened);
    }
    std::uint16_t port() const { return gateway->addresses().front().ip.port; }
    std::string call(std::string_view request = kCall) {
        Connection connection(port());
        connection.send(request);
        return connection.receive();
    }
    void install(std::int64_t revision) {
        gateway->install(snapshot(revision));
        ASSERT_TRUE(gateway->await_revision(revision, 10s));
    }
    std::vector<std::string> log_lines() {
        gateway->flush_log();
        std::ifstream in(log_file());
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);) {
            lines.push_back(line);
        }
        return lines;
    }

    SystemClock clock;
    OutboundRules outbound;
    MetricsRegistry metrics;
    support::TemporaryFolder folder;
    std::unique_ptr<async::Resolver> resolver;
    std::unique_ptr<Gateway> gateway;
};

TEST_F(GatewayTest, AnswersStartingUntilTheFirstSnapshotIsThere) {
    EXPECT_EQ(gateway->revision(), 0);
    EXPECT_TRUE(call().starts_with("HTTP/1.1 503 ")) << call();
    install(1);
    EXPECT_EQ(gateway->revision(), 1);
    const std::string answer = call();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n1")) << answer;
    EXPECT_TRUE(call("GET / HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 404 "));
}

TEST_F(GatewayTest, WritesOneLogLineForEveryRequest) {
    install(1);
    Connection connection(port());
    for (int i = 0; i < 20; ++i) {
        connection.send(kCall);
        EXPECT_TRUE(connection.receive().starts_with("HTTP/1.1 200 "));
    }
    EXPECT_TRUE(call("GET /x\x01 HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(call("rubbish\r\n\r\n").starts_with("HTTP/1.1 400 "));
    gateway
        ->stop();  // a line is written after its answer is sent: the last may still be on its way
    const auto lines = log_lines();
    ASSERT_EQ(lines.size(), 22U);
    for (const std::string& line : lines) {
        const auto json = data::parse_json(line);
        ASSERT_TRUE(json) << line;
        EXPECT_EQ(json->at("client"), "127.0.0.1");
        EXPECT_TRUE(json->contains("total_us"));
    }
}

TEST_F(GatewayTest, PublishesWhileCallsRunFailNoneAndMixNone) {
    constexpr int kPublishes = 100;
    install(1);
    std::atomic<bool> done{false};
    std::atomic<int> calls{0};
    std::latch running(3);
    const auto caller = [&] {
        std::optional<Connection> connection;
        std::int64_t before = 0;
        for (int mine = 0; !done || mine == 0; ++mine) {
            // The server ends a connection after its thousandth request. Another one may come to a
            // worker that is one revision behind.
            if (mine % 900 == 0) {
                connection.emplace(port());
                before = 0;
            }
            connection->send(kCall);
            const std::string answer = connection->receive();
            ASSERT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
            const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
            ASSERT_NE(answer.find("X-Release: " + body + "\r\n"), std::string::npos) << answer;
            ASSERT_GE(std::stoll(body), before);
            before = std::stoll(body);
            ++calls;
            if (mine == 0) { running.count_down(); }
        }
    };
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 3; ++i) {
            callers.emplace_back(caller);
        }
        running.wait();
        for (std::int64_t revision = 2; revision < 2 + kPublishes; ++revision) {
            install(revision);
        }
        done = true;
    }
    EXPECT_GT(calls, 3);
    EXPECT_EQ(gateway->revision(), 1 + kPublishes);
}

TEST_F(GatewayTest, FreesSnapshotsThatNobodyUsesAnyMore) {
    auto first = snapshot(1);
    const std::weak_ptr<const Snapshot> watched = first;
    gateway->install(std::move(first));
    ASSERT_TRUE(gateway->await_revision(1, 10s));
    call();
    EXPECT_FALSE(watched.expired());
    install(2);
    EXPECT_TRUE(watched.expired());
}

TEST_F(GatewayTest, AwaitingARevisionThatNeverComesEndsInTime) {
    EXPECT_FALSE(gateway->await_revision(7, 10ms));
}

TEST_F(GatewayTest, KnowsItsOwnListenersAsPlacesNoBackendMayCall) {
    EXPECT_FALSE(gateway->outbound().refusal_for(IpAddress::v4(0x7F000001), port()).empty());
    EXPECT_TRUE(outbound.own.empty());
}

TEST_F(GatewayTest, APortInUseIsAClearError) {
    GatewayOptions options{
        .listen = {{gateway->addresses().front()}}, .workers = 1, .access_log = ""};
    // Listeners of one gateway share their port; another gateway must not join them.
    const auto second =
        Gateway::open(std::move(options), {clock, *resolver, outbound, metrics, {}});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::StartFailed);
    EXPECT_NE(second.error().message.find(std::to_string(port())), std::string::npos);
}

TEST_F(GatewayTest, MetricsCountWhatWasAnswered) {
    install(5);
    call();
    call("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    gateway->stop();
    const std::string text = gateway->metrics_text();
    EXPECT_NE(text.find("lintel_config_revision 5\n"), std::string::npos) << text;
    EXPECT_NE(text.find("status=\"200\",refusal=\"\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("status=\"404\",refusal=\"route.not_found\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("lintel_requests_in_flight 0\n"), std::string::npos);
}

TEST_F(GatewayTest, StoppingWritesWhatWasAnsweredAndRefusesWhatComesLater) {
    install(1);
    const auto where = port();
    call();
    gateway->stop();
    EXPECT_EQ(log_lines().size(), 1U);
    EXPECT_FALSE(Connection(where).connected());
    gateway->install(snapshot(2));  // too late, and harmless
}

}  // namespace
}  // namespace lintel::gateway
