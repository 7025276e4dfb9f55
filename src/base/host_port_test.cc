#include "base/host_port.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

TEST(HostPort, ReadsNamesAndAddressesWithAndWithoutAPort) {
    const auto parsed = [](std::string_view text) {
        const auto value = parse_host_port(text);
        return value ? value->host + " " + std::to_string(value->port) : "refused";
    };
    EXPECT_EQ(parsed("pets.internal"), "pets.internal 0");
    EXPECT_EQ(parsed("pets.internal:8080"), "pets.internal 8080");
    EXPECT_EQ(parsed("10.0.0.7:80"), "10.0.0.7 80");
    EXPECT_EQ(parsed("[::1]:65535"), "::1 65535");
    EXPECT_EQ(parsed("[2001:db8::7]"), "2001:db8::7 0");
}

TEST(HostPort, SaysWhichPartIsWrong) {
    for (const std::string_view text :
         {"", ":80", "pets example", "[::1", "[::1]x:80", "[pets]:80", "::1", "a/b", "a@b"}) {
        const auto refused = parse_host_port(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_FALSE(refused.error().in_port && text != "::1") << text;
    }
    for (const std::string_view text : {"a:", "a:0", "a:65536", "a:80x", "a:-1"}) {
        const auto refused = parse_host_port(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_TRUE(refused.error().in_port) << text;
    }
}

}  // namespace
}  // namespace lintel
