#include "app/http_call.h"

#include <gtest/gtest.h>

namespace lintel::app {
namespace {

TEST(ServerAddress, IsReadInTheFormsPeopleWrite) {
    struct Case {
        const char* text;
        const char* host;
        const char* port;
        const char* authority;
    };
    for (const Case& wanted : {
             Case{"http://127.0.0.1:9080", "127.0.0.1", "9080", "127.0.0.1:9080"},
             Case{"localhost:9080/", "localhost", "9080", "localhost:9080"},
             Case{"http://lintel.example.com", "lintel.example.com", "80", "lintel.example.com"},
             Case{"http://[::1]:9080", "::1", "9080", "[::1]:9080"},
             Case{"http://[::1]", "::1", "80", "[::1]"},
         }) {
        const auto address = parse_server_address(wanted.text);
        ASSERT_TRUE(address.has_value()) << wanted.text;
        EXPECT_EQ(address->host, wanted.host);
        EXPECT_EQ(address->port, wanted.port);
        EXPECT_EQ(address->authority, wanted.authority);
    }
}

TEST(ServerAddress, RefusesWhatCannotWork) {
    for (const char* wrong : {"", "http://", "https://127.0.0.1:9443", "http://host/path"}) {
        const auto address = parse_server_address(wrong);
        ASSERT_FALSE(address.has_value()) << wrong;
        EXPECT_EQ(address.error().exit_code, ExitCode::Usage);
    }
}

TEST(HttpCall, SaysWhatToDoWhenNobodyAnswers) {
    // Port 1 on loopback: nothing listens there.
    const auto server = parse_server_address("127.0.0.1:1");
    ASSERT_TRUE(server.has_value());
    const auto answer =
        call_http(*server, {.method = "GET", .target = "/", .fields = {}, .body = {}});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().exit_code, ExitCode::Unreachable);
    EXPECT_NE(answer.error().message.find("lintel serve"), std::string::npos);
}

}  // namespace
}  // namespace lintel::app
