#include <fmt/core.h>
#include <gtest/gtest.h>

#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using scenarios::kinds_of;
using scenarios::run_scenarios;

TEST(IpAccess, AnAllowListAdmitsWhatItNames) {
    constexpr auto kConfig = R"({"mode": "allow", "addresses":
        ["203.0.113.7", "198.51.100.0/24", "2001:db8::/32"]})";
    run_scenarios(kinds_of(register_policies), "ip_access",
                  {
                      {.name = "an address", .config = kConfig, .call = {.client = "203.0.113.7"}},
                      {.name = "a block", .config = kConfig, .call = {.client = "198.51.100.255"}},
                      {.name = "IPv6", .config = kConfig, .call = {.client = "2001:db8:1::5"}},
                      {.name = "IPv4 written as IPv6",
                       .config = kConfig,
                       .call = {.client = "::ffff:203.0.113.7"}},
                      {.name = "another address",
                       .config = kConfig,
                       .call = {.client = "203.0.113.8"},
                       .status = 403,
                       .code = "access.ip_denied"},
                      {.name = "another IPv6 block",
                       .config = kConfig,
                       .call = {.client = "2001:db9::5"},
                       .status = 403,
                       .code = "access.ip_denied"},
                  });
}

TEST(IpAccess, ABlockListRefusesWhatItNames) {
    constexpr auto kConfig = R"({"mode": "block", "addresses": ["203.0.113.0/24", "fd00::/8"]})";
    run_scenarios(kinds_of(register_policies), "ip_access",
                  {
                      {.name = "inside",
                       .config = kConfig,
                       .call = {.client = "203.0.113.9"},
                       .status = 403,
                       .code = "access.ip_denied"},
                      {.name = "inside, IPv6",
                       .config = kConfig,
                       .call = {.client = "fd12::1"},
                       .status = 403,
                       .code = "access.ip_denied"},
                      {.name = "outside", .config = kConfig, .call = {.client = "203.0.114.9"}},
                  });
}

TEST(IpAccess, HeadersOfTheCallerDoNotChangeItsAddress) {
    constexpr auto kConfig = R"({"mode": "allow", "addresses": ["10.0.0.1"]})";
    run_scenarios(kinds_of(register_policies), "ip_access",
                  {{.name = "forwarding fields",
                    .config = kConfig,
                    .call = {.client = "203.0.113.7",
                             .headers = {{"X-Forwarded-For", "10.0.0.1"},
                                         {"X-Real-IP", "10.0.0.1"},
                                         {"Forwarded", "for=10.0.0.1"}}},
                    .status = 403,
                    .code = "access.ip_denied"}});
}

TEST(IpAccess, SaysWhichListDecidedWhereRefusalsAreExplained) {
    run_scenarios(kinds_of(register_policies), "ip_access",
                  {{.name = "block",
                    .config = R"({"mode": "block", "addresses": ["203.0.113.0/24"]})",
                    .setup = {.adjust = [](auto& service) { service.explain_refusals = true; }},
                    .call = {.client = "203.0.113.7"},
                    .status = 403,
                    .code = "access.ip_denied",
                    .body_contains = R"("rule":"ip_access block 203.0.113.0/24")"}});
}

TEST(IpAccess, EveryBrokenSettingIsAFaultOfItsOwn) {
    std::string many = R"({"mode": "allow", "addresses": ["10.0.0.0")";
    for (int i = 1; i <= 100; ++i) {
        many += fmt::format(R"(,"10.0.0.{}")", i);
    }
    many += "]}";
    run_scenarios(
        kinds_of(register_policies), "ip_access",
        {
            {.name = "addresses",
             .config = R"({"mode": "block", "addresses": ["10.0.0.256", "10.0.0.1", "10.0.0.1/33",
                           "10.0.0.1/24", "::1%eth0", "localhost"]})",
             .faults = {"/addresses/0", "/addresses/2", "/addresses/3", "/addresses/4",
                        "/addresses/5"}},
            {.name = "mode",
             .config = R"({"mode": "deny", "addresses": ["10.0.0.1"]})",
             .faults = {"/mode"}},
            {.name = "none",
             .config = R"({"mode": "block", "addresses": []})",
             .faults = {"/addresses"}},
            {.name = "too many", .config = many, .faults = {"/addresses"}},
        });
}

TEST(IpAccess, DuplicatesAreDropped) {
    run_scenarios(kinds_of(register_policies), "ip_access",
                  {{.name = "twice",
                    .config = R"({"mode": "allow", "addresses": ["203.0.113.7", "203.0.113.7/32",
                                  "203.0.113.7"]})",
                    .call = {.client = "203.0.113.7"}}});
}

TEST(IpAccess, ServiceListAndApiListBothApply) {
    scenarios::Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish(
        {.policies = {{"ip_access", R"({"mode": "allow", "addresses": ["203.0.113.0/24"]})"}},
         .api_policies = {{"ip_access", R"({"mode": "block", "addresses": ["203.0.113.7"]})"}}}));
    EXPECT_EQ(stage.call({.client = "203.0.113.8"}).status, 200);
    EXPECT_EQ(stage.call({.client = "203.0.113.7"}).status, 403);
    EXPECT_EQ(stage.call({.client = "198.51.100.1"}).status, 403);
    EXPECT_EQ(stage.seen.calls, 1);
}

}  // namespace
}  // namespace lintel::policies
