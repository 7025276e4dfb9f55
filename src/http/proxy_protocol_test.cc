#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "async/socket_address.h"
#include "http/http1_server_echo_test.h"

namespace lintel::http {
namespace {

using namespace std::string_literals;

/// "SOURCE > DESTINATION (size)", "own (size)", "more", or the rule that is broken.
std::string read(std::string_view bytes) {
    const auto parsed = parse_proxy_header(bytes);
    if (!parsed) { return std::string(parsed.error()); }
    if (!*parsed) { return "more"; }
    const std::string size = " (" + std::to_string((*parsed)->size) + ")";
    const auto& ends = (*parsed)->ends;
    if (!ends) { return "own" + size; }
    return async::to_string(ends->source) + " > " + async::to_string(ends->destination) + size;
}

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string kV4("\xCB\x00\x71\x07\xC0\x00\x02\x01\xD4\x31\x01\xBB", 12);

/// A header of version 2; `size` overrules the length it tells.
std::string v2(unsigned command, unsigned family, std::string_view rest, int size = -1) {
    const auto told = static_cast<unsigned>(size < 0 ? static_cast<int>(rest.size()) : size);
    std::string text = kSignature;
    for (const unsigned byte : {command, family, told >> 8U, told & 255U}) {
        text += static_cast<char>(byte);
    }
    return text.append(rest);
}

TEST(ProxyHeader, OfVersion1TellsBothEnds) {
    EXPECT_EQ(read("PROXY TCP4 203.0.113.7 192.0.2.1 54321 443\r\nGET /"),
              "203.0.113.7:54321 > 192.0.2.1:443 (44)");
    EXPECT_EQ(read("PROXY TCP6 2001:db8::7 ::1 1 0\r\n"), "[2001:db8::7]:1 > [::1]:0 (32)");
    EXPECT_EQ(read("PROXY UNKNOWN\r\n"), "own (15)");
    EXPECT_EQ(read("PROXY UNKNOWN ffff::1 what ever\r\n"), "own (33)");
}

TEST(ProxyHeader, OfVersion2TellsBothEndsAndSkipsAdditions) {
    EXPECT_EQ(read(v2(0x21, 0x11, kV4)), "203.0.113.7:54321 > 192.0.2.1:443 (28)");
    EXPECT_EQ(read(v2(0x21, 0x11, kV4 + "\x02\x00\x03"s + "a.b" + "\x04\x00\x00"s) + "GET"),
              "203.0.113.7:54321 > 192.0.2.1:443 (37)");
    const std::string v6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" +
                           std::string(15, '\0') + "\x01" + "\x00\x01\x01\xBB"s;
    EXPECT_EQ(read(v2(0x21, 0x21, v6)), "[2001:db8::7]:1 > [::1]:443 (52)");
    // Health checks, and families that say nothing about a client: the rest is ignored.
    EXPECT_EQ(read(v2(0x20, 0x00, "")), "own (16)");
    EXPECT_EQ(read(v2(0x20, 0x11, kV4)), "own (28)");
    EXPECT_EQ(read(v2(0x21, 0x00, "junk")), "own (20)");
    EXPECT_EQ(read(v2(0x21, 0x31, std::string(216, 'x'))), "own (232)");
}

TEST(ProxyHeader, HasARightChecksum) {
    // CRC-32C of the header with the four bytes as zero, computed with another program.
    const std::string zeros = kV4 + "\x03\x00\x04"s + std::string(4, '\0');
    EXPECT_EQ(read(v2(0x21, 0x11, zeros)), "the checksum is wrong");
    const std::string right = kV4 + "\x03\x00\x04"s + "\x0F\x3F\xE7\x5F"s;
    EXPECT_EQ(read(v2(0x21, 0x11, right)), "203.0.113.7:54321 > 192.0.2.1:443 (35)");
    EXPECT_EQ(read(v2(0x21, 0x11, kV4 + "\x03\x00\x03"s + "abc")),
              "the checksum does not have four bytes");
}

TEST(ProxyHeader, IsWaitedForWhileItMayStillCome) {
    for (const std::string& whole :
         {"PROXY TCP4 203.0.113.7 192.0.2.1 54321 443\r\n"s, v2(0x21, 0x11, kV4)}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_EQ(read(std::string_view(whole).substr(0, size)), "more") << size;
        }
    }
}

struct Malformed {
    std::string bytes;
    std::string_view rule;
};

TEST(ProxyHeader, ThatIsMalformedIsRefused) {
    const std::string_view none = "the connection does not begin with a PROXY header";
    const std::string_view family = "the family is not TCP4, TCP6 or UNKNOWN";
    const std::string_view count = "the line does not have two addresses and ports";
    const std::string_view address = "an address is not one of its family";
    const std::string_view port = "a port is not a plain number";
    const std::string_view line_end = "the line does not end with CR LF";
    const std::string_view version = "it is not version 2 with the command LOCAL or PROXY";
    const Malformed all[] = {
        {"GET / HTTP/1.1\r\n", none},
        {"proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", none},
        {"PROXYTCP4", none},
        {"\r\n\r\nGET", none},
        {"\x16\x03\x01", none},
        {"PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", family},
        {"PROXY \r\n", family},
        {"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", family},
        {"PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", family},
        {"PROXY TCP4\r\n", count},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", count},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", count},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", count},
        {"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n", count},
        {"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", address},
        {"PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", address},
        {"PROXY TCP4 1.2.3.4\t1.2.3.4 1 2 3\r\n", address},
        {"PROXY TCP4 ::1 ::1 1 2\r\n", address},
        {"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", address},
        {"PROXY TCP6 [::1] ::1 1 2\r\n", address},
        {"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", address},
        {"PROXY TCP4 1.2.3.4 localhost 1 2\r\n", address},
        {"PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n"s, address},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 +2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 0x2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", line_end},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1\r2\r\n", line_end},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r \n", line_end},
        {"PROXY UNKNOWN " + std::string(120, 'x'), "the line is too long"},
        {v2(0x11, 0x11, kV4), version},
        {v2(0x22, 0x11, kV4), version},
        {v2(0x31, 0x11, kV4), version},
        {v2(0x21, 0x12, kV4), "the family is not that of a stream"},
        {v2(0x21, 0x13, kV4), "the family is not that of a stream"},
        {v2(0x21, 0x41, kV4), "the family is not that of a stream"},
        {v2(0x21, 0x11, kV4.substr(1)), "the header is shorter than its addresses"},
        {v2(0x21, 0x21, kV4), "the header is shorter than its addresses"},
        {v2(0x21, 0x31, kV4), "the header is shorter than its addresses"},
        {v2(0x21, 0x11, kV4 + "\x02\x00"s), "an addition is cut short"},
        {v2(0x21, 0x11, kV4 + "\x02\x00\x05"s + "abcd"), "an addition is longer than the header"},
        {v2(0x21, 0x11, kV4, 5000), "the header is too long"},
    };
    for (const Malformed& malformed : all) {
        EXPECT_EQ(read(malformed.bytes), malformed.rule) << malformed.bytes;
    }
}

// ---- on a server --------------------------------------------------------------------------------

Task<void> tell_client(ServerExchange& exchange) {
    const std::string said = exchange.peer->address_text + ":" +
                             std::to_string(exchange.peer->port) + " at " +
                             exchange.peer->local_address.to_string();
    OutgoingResponse response;
    response.body = said;
    EXPECT_TRUE((co_await exchange.send(response)).has_value());
}

/// A server on a second address where load balancers connect.
struct BalancedScene : ServerScene {
    std::vector<IpRange> balancers;

    explicit BalancedScene(std::string_view from, ServerOptions options = {})
        : ServerScene(tell_client, options), balancers{*IpRange::parse(from)} {
        auto sockets = async::ListenSocket::open({kLoopback, 0}, 1);
        EXPECT_TRUE(sockets.has_value());
        address = sockets->front().address();
        server.listen(std::move(sockets->front()), {.balancers = &balancers});
    }
    std::uint64_t refused() const {
        return limits.counts()
            .refused[static_cast<std::size_t>(ConnectionLimits::Refusal::ProxyHeader)];
    }
};

constexpr std::string_view kCall = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST(ProxyHeader, SaysWhoseConnectionItIs) {
    BalancedScene scene("127.0.0.0/8");
    const std::string line = "PROXY TCP4 203.0.113.7 192.0.2.1 54321 443\r\n";
    for (const std::string& header : {line, v2(0x21, 0x11, kV4 + "\x02\x00\x03"s + "a.b")}) {
        const std::string seen = scene.exchange(header + std::string(kCall));
        EXPECT_NE(seen.find("203.0.113.7:54321 at 192.0.2.1"), std::string::npos) << seen;
    }
    const std::string own = scene.exchange("PROXY UNKNOWN\r\n" + std::string(kCall));
    EXPECT_NE(own.find("127.0.0.1:"), std::string::npos) << own;
    EXPECT_EQ(scene.refused(), 0U);
}

TEST(ProxyHeader, MayComeInPieces) {
    BalancedScene scene("127.0.0.1");
    RawPeer peer = scene.connect();
    const std::string bytes = v2(0x21, 0x11, kV4) + std::string(kCall);
    for (const char byte : bytes) {
        EXPECT_TRUE(async::run_on(*scene.loop, peer.send(std::string(1, byte))));
        scene.loop->turn();
    }
    const std::string seen = async::run_on(*scene.loop, peer.to_the_end());
    EXPECT_NE(seen.find("203.0.113.7:54321"), std::string::npos) << seen;
}

TEST(ProxyHeader, IsNotTakenFromAnybodyElse) {
    BalancedScene scene("192.0.2.0/24");
    EXPECT_EQ(scene.exchange(""), "");
    EXPECT_EQ(scene.refused(), 1U);
}

TEST(ProxyHeader, IsNeverLeftOut) {
    BalancedScene scene("127.0.0.1", {.head_timeout = std::chrono::milliseconds(20)});
    EXPECT_EQ(scene.exchange(std::string(kCall)), "");
    // Neither does it stay away for ever, nor half of it.
    EXPECT_EQ(scene.exchange(""), "");
    EXPECT_EQ(scene.exchange("PROXY TCP4 203.0.113.7"), "");
    EXPECT_EQ(scene.refused(), 3U);
}

TEST(ProxyHeader, EndsWithItsConnection) {
    BalancedScene scene("127.0.0.1");
    {
        RawPeer peer = scene.connect();
        EXPECT_TRUE(async::run_on(*scene.loop, peer.send("PROXY TCP4")));
        scene.loop->turn();
    }
    scene.run_until([&] { return scene.limits.counts().open == 0; });
    EXPECT_EQ(scene.refused(), 1U);
}

TEST(ProxyHeader, MakesTheClientItNamesCount) {
    BalancedScene scene("127.0.0.1");
    scene.limits.set_per_client({.most = 1});
    RawPeer first = scene.connect();
    EXPECT_TRUE(async::run_on(*scene.loop, first.send("PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r\n")));
    scene.loop->turn();
    EXPECT_EQ(scene.exchange("PROXY TCP4 203.0.113.7 192.0.2.1 3 2\r\n" + std::string(kCall)), "");
    const std::string other =
        scene.exchange("PROXY TCP4 203.0.113.8 192.0.2.1 3 2\r\n" + std::string(kCall));
    EXPECT_NE(other.find("203.0.113.8"), std::string::npos);
}

}  // namespace
}  // namespace lintel::http
