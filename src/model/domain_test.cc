#include "model/domain.h"

#include <gtest/gtest.h>

namespace lintel::model {
namespace {

TEST(DomainName, IsMadeCanonical) {
    for (const auto& [given, canonical] : {std::pair{"API.Example.COM", "api.example.com"},
                                           {"api.example.com.", "api.example.com"},
                                           {"*.Example.com", "*.example.com"},
                                           {"xn--bcher-kva.example", "xn--bcher-kva.example"},
                                           {"intranet", "intranet"},
                                           {"3com.example", "3com.example"}}) {
        const auto name = canonical_domain_name(given);
        ASSERT_TRUE(name) << given;
        EXPECT_EQ(*name, canonical);
    }
}

TEST(DomainName, IsRefusedWhenItIsNone) {
    for (const std::string& given : {std::string(),
                                     std::string("."),
                                     std::string("bücher.example"),
                                     std::string("a..b"),
                                     std::string("-a.example"),
                                     std::string("a-.example"),
                                     std::string("a b.example"),
                                     std::string("*.com"),
                                     std::string("*"),
                                     std::string("a.*.example"),
                                     std::string("*a.b.c"),
                                     std::string("https://a.example"),
                                     std::string("a.example:443"),
                                     std::string("a.example/x"),
                                     std::string("192.0.2.1"),
                                     std::string("[::1]"),
                                     std::string("a_b.example"),
                                     std::string(64, 'a') + ".example",
                                     std::string("a.example\0.b", 12),
                                     std::string(300, 'a')}) {
        const auto name = canonical_domain_name(given);
        ASSERT_FALSE(name) << given;
        EXPECT_EQ(name.error().code, Code::FieldInvalid);
        EXPECT_EQ(name.error().faults.front().pointer, "/name");
    }
}

TEST(PathPrefix, HasOneSpelling) {
    for (const char* good : {"/", "/v1", "/v1/pets", "/a.b/~c_d-e"}) {
        EXPECT_EQ(fault_of_path_prefix(good), "") << good;
    }
    for (const char* bad : {"", "v1", "/v1/", "//", "/a//b", "/a/../b", "/.", "/a b", "/%41", "/ä",
                            "/a?b", "/a#b", "/{id}", "/a;b"}) {
        EXPECT_NE(fault_of_path_prefix(bad), "") << bad;
    }
    EXPECT_NE(fault_of_path_prefix("/" + std::string(kMaxPathPrefix, 'a')), "");
}

}  // namespace
}  // namespace lintel::model
