#include "app/listen_entry.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>

namespace lintel::app {
namespace {

std::string read(std::string_view text) {
    const auto entry = parse_listen_entry(text);
    if (!entry) { return entry.error().message; }
    std::string said = async::to_string(entry->address);
    if (entry->address.is_unix()) { said += fmt::format(" {:04o}", entry->address.mode); }
    return said + (entry->proxy_protocol ? " proxied" : "");
}

TEST(ListenEntry, NamesAnAddressOrAPath) {
    EXPECT_EQ(read("127.0.0.1:8080"), "127.0.0.1:8080");
    EXPECT_EQ(read(":80"), "0.0.0.0:80");
    EXPECT_EQ(read("[::]:443"), "[::]:443");
    EXPECT_EQ(read("unix:/run/lintel/http.sock"), "unix:/run/lintel/http.sock 0660");
    EXPECT_EQ(read(" unix:/a  mode=0600 proxy_protocol "), "unix:/a 0600 proxied");
    EXPECT_EQ(read("10.0.0.5:80 proxy_protocol"), "10.0.0.5:80 proxied");
}

TEST(ListenEntry, SaysWhatIsWrong) {
    for (const auto& [text, word] :
         {std::pair("", "ADDRESS:PORT"), std::pair("nowhere", "ADDRESS:PORT"),
          std::pair("unix:relative.sock", "absolute"), std::pair("unix:", "absolute"),
          std::pair("127.0.0.1:80 mode=0600", "only a unix socket"),
          std::pair("unix:/a mode=0999", "octal"), std::pair("unix:/a mode=01777", "octal"),
          std::pair("unix:/a mode=", "octal"), std::pair("127.0.0.1:80 proxy", "'proxy'")}) {
        EXPECT_NE(read(text).find(word), std::string::npos) << text << ": " << read(text);
    }
}

TEST(ListenEntry, StandsInAListOnce) {
    const auto entries = parse_listen_entries(
        "127.0.0.1:80, [::1]:80 ,unix:/a, 127.0.0.1:0, "
        "127.0.0.1:0");
    ASSERT_TRUE(entries.has_value()) << entries.error().message;
    EXPECT_EQ(entries->size(), 5U);
    EXPECT_FALSE(parse_listen_entries("127.0.0.1:80, :80, 127.0.0.1:80").has_value());
    EXPECT_FALSE(parse_listen_entries("unix:/a, unix:/a mode=0600").has_value());
}

}  // namespace
}  // namespace lintel::app
