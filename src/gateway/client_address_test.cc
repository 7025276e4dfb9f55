#include "gateway/client_address.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace lintel::gateway {
namespace {

using Header = TrustedProxies::Header;
using Sent = std::vector<std::pair<std::string, std::string>>;

TrustedProxies trusting(std::string_view ranges, Header header = Header::XForwardedFor) {
    TrustedProxies trusted{.ranges = {}, .header = header};
    for (const std::string_view range : split(ranges, ' ')) {
        trusted.ranges.push_back(*IpRange::parse(range));
    }
    return trusted;
}

/// Refers to what it is given.
http::RequestHead head_of(const Sent& sent) {
    http::RequestHead head;
    head.host = "shop.example";
    for (const auto& [name, value] : sent) {
        EXPECT_TRUE(head.fields.add(name, value));
    }
    return head;
}

http::Peer peer_at(std::string_view address) {
    http::Peer peer;
    peer.address = *IpAddress::parse(address);
    return peer;
}

/// "ADDRESS http|https HOST"
std::string seen(const Sent& sent, std::string_view peer, const TrustedProxies& trusted) {
    const http::RequestHead head = head_of(sent);
    const http::Peer from = peer_at(peer);
    const ClientView view = client_view(head, from, trusted);
    return fmt::format("{} {} {}", view.address.to_string(), view.secure ? "https" : "http",
                       view.host);
}

std::string address_seen(std::string_view hops, std::string_view trusted) {
    const std::string said =
        seen({{"X-Forwarded-For", std::string(hops)}}, "10.0.0.1", trusting(trusted));
    return said.substr(0, said.find(' '));
}

TEST(ClientAddress, IsTheNearestThatIsNoTrustedProxy) {
    EXPECT_EQ(address_seen("203.0.113.7", "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(address_seen("6.6.6.6, 203.0.113.7", "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(address_seen("6.6.6.6,203.0.113.7 , 10.0.0.9", "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(address_seen("203.0.113.7:4711", "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(address_seen("[2001:db8::7]:4711", "10.0.0.0/8"), "2001:db8::7");
    EXPECT_EQ(address_seen("2001:db8::7", "10.0.0.0/8"), "2001:db8::7");
    // All of them are trusted: the farthest is the client.
    EXPECT_EQ(address_seen("10.0.0.3, 10.0.0.2", "10.0.0.0/8"), "10.0.0.3");
    EXPECT_EQ(address_seen("203.0.113.7", "10.0.0.1"), "203.0.113.7");
}

TEST(ClientAddress, IsTheProxyThatWroteWhatCannotBeRead) {
    for (const char* unreadable :
         {"", "unknown", "localhost", "203.0.113.7 ", "203.0.113", "_hidden", "203.0.113.7:x",
          "[203.0.113.7]", "[::1", "::1:x", "\"1.2.3.4\"", "203.0.113.7;1.2.3.4", "0x7f.1",
          "203.0.113.07"}) {
        const std::string expected =
            std::string(unreadable) == "203.0.113.7 " ? "203.0.113.7" : "10.0.0.9";
        EXPECT_EQ(address_seen(std::string("6.6.6.6, ") + unreadable + ", 10.0.0.9", "10.0.0.0/8"),
                  expected)
            << unreadable;
    }
    EXPECT_EQ(seen({}, "10.0.0.1", trusting("10.0.0.0/8")), "10.0.0.1 http shop.example");
}

TEST(ClientAddress, SeveralFieldsAreOneList) {
    EXPECT_EQ(seen({{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "203.0.113.7, 10.0.0.2"}},
                   "10.0.0.1", trusting("10.0.0.0/8")),
              "203.0.113.7 http shop.example");
}

TEST(ClientAddress, OfForwardedComesWithProtoAndHost) {
    const TrustedProxies trusted = trusting("10.0.0.0/8 2001:db8::/32", Header::Forwarded);
    const auto told = [&](std::string value) {
        return seen({{"Forwarded", std::move(value)}, {"X-Forwarded-For", "6.6.6.6"}}, "10.0.0.1",
                    trusted);
    };
    EXPECT_EQ(told("for=203.0.113.7;proto=https;host=api.example"),
              "203.0.113.7 https api.example");
    EXPECT_EQ(told("For=\"[2001:db9::7]:80\" ; Proto=HTTPS"), "2001:db9::7 https shop.example");
    EXPECT_EQ(told("for=6.6.6.6;host=evil.example, for=203.0.113.7;host=a.example, for=10.0.0.2"),
              "203.0.113.7 http a.example");
    EXPECT_EQ(told("by=10.0.0.1;for=\"203.0.113.7:9\";ext=\"a,b;c\""),
              "203.0.113.7 http shop.example");
    for (const char* wrong :
         {"for", "for=", "for=\"203.0.113.7", "for=203.0.113.7 proto=https", "=203.0.113.7",
          "for=203.0.113.7;for=203.0.113.8", "for=\"203.0.113.7\\\"\"", "for=unknown", "for=_x",
          "proto=ftp", ""}) {
        EXPECT_EQ(told(wrong), "10.0.0.1 http shop.example") << wrong;
    }
}

TEST(ClientAddress, ProtoAndHostOfATrustedProxyHold) {
    const TrustedProxies trusted = trusting("10.0.0.0/8");
    EXPECT_EQ(seen({{"X-Forwarded-For", "203.0.113.7"},
                    {"X-Forwarded-Proto", "https"},
                    {"X-Forwarded-Host", "api.example:8443"}},
                   "10.0.0.1", trusted),
              "203.0.113.7 https api.example:8443");
    EXPECT_EQ(seen({{"X-Forwarded-Proto", "https"}}, "10.0.0.1", trusted),
              "10.0.0.1 https shop.example");
    // Twice, or nothing one could call: as if it were not there.
    EXPECT_EQ(
        seen({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}, "10.0.0.1", trusted),
        "10.0.0.1 http shop.example");
    EXPECT_EQ(seen({{"X-Forwarded-Proto", "https, http"}, {"X-Forwarded-Host", "a b"}}, "10.0.0.1",
                   trusted),
              "10.0.0.1 http shop.example");
}

TEST(ClientAddress, HopsBeyondThirtyTwoAreNotLookedAt) {
    std::string hops = "203.0.113.7";
    for (int i = 0; i < 100; ++i) {
        hops += fmt::format(", 10.0.1.{}", i);
    }
    EXPECT_EQ(address_seen(hops, "10.0.0.0/8"), "10.0.1.68");
}

// Whatever a caller writes, an address of his own choice never becomes the client's.
TEST(ClientAddress, CannotBeClaimedByOneWhoIsNotTrusted) {
    constexpr auto kPieces = std::to_array<std::string_view>(
        {"10.0.0.1", "127.0.0.1", "6.6.6.6", "[::1]:80", "::1", "unknown", "for=6.6.6.6",
         "for=\"[::1]\"", "proto=https", "host=evil.example", "", "\"", "\\", "a=b", "0"});
    constexpr auto kBetween = std::to_array<std::string_view>({",", ", ", ";", " ", "=", ":"});
    constexpr auto kNames = std::to_array<std::string_view>(
        {"X-Forwarded-For", "x-forwarded-for", "Forwarded", "X-Real-IP", "X-Forwarded-Proto",
         "X-Forwarded-Host", "X_Forwarded_For", "X-Client-IP", "True-Client-IP"});
    std::mt19937 random(11);  // NOLINT: a fixed seed makes the failure repeatable
    for (int round = 0; round < 1000; ++round) {
        Sent sent;
        for (unsigned i = 0; i <= random() % 3; ++i) {
            std::string value;
            for (unsigned j = 0; j <= random() % 4; ++j) {
                value += kPieces[random() % kPieces.size()];
                value += kBetween[random() % kBetween.size()];
            }
            sent.emplace_back(kNames[random() % kNames.size()], value);
        }
        for (const Header header : {Header::XForwardedFor, Header::Forwarded}) {
            EXPECT_EQ(seen(sent, "203.0.113.7", trusting("10.0.0.0/8 127.0.0.0/8", header)),
                      "203.0.113.7 http shop.example");
            // Behind a proxy that adds whom it saw, he is who that says.
            Sent behind = sent;
            const bool forwarded = header == Header::Forwarded;
            behind.emplace_back(forwarded ? "Forwarded" : "X-Forwarded-For",
                                forwarded ? "for=203.0.113.7" : "203.0.113.7");
            const std::string said = seen(behind, "10.0.0.1", trusting("10.0.0.0/8", header));
            EXPECT_EQ(said.substr(0, said.find(' ')), "203.0.113.7");
        }
    }
}

}  // namespace
}  // namespace lintel::gateway
