#include "admin/handler.h"

#include <gtest/gtest.h>

namespace lintel::admin {
namespace {

TEST(HostCheck, AddressesAndLocalhostAreAlwaysFine) {
    for (const char* host : {"localhost", "LOCALHOST:9080", "127.0.0.1:9080", "[::1]:9080",
                             "192.0.2.7", "[2001:db8::1]"}) {
        EXPECT_TRUE(is_host_allowed(host, {})) << host;
    }
}

TEST(HostCheck, NamesMustBeKnown) {
    for (const char* host :
         {"attacker.example", "attacker.example:9080", "localhost.attacker.example", "", ":9080",
          "127.0.0.1.attacker.example", "[localhost]x"}) {
        EXPECT_FALSE(is_host_allowed(host, {"lintel.example.com"})) << host;
    }
    EXPECT_TRUE(is_host_allowed("Lintel.Example.com:9080", {"lintel.example.com"}));
}

}  // namespace
}  // namespace lintel::admin
