#include <gtest/gtest.h>

#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using scenarios::kinds_of;
using scenarios::run_scenarios;
using scenarios::Stage;

constexpr std::string_view kPost = R"({"method": "POST", "path": "/pets"})";

TEST(BodySize, ALargerBodyIsRefused) {
    run_scenarios(kinds_of(register_policies), "body_size",
                  {
                      {.name = "as long as allowed",
                       .config = R"({"max_bytes": 5})",
                       .setup = {.api = std::string(kPost)},
                       .call = {.method = "POST", .body = "12345"}},
                      {.name = "one byte more",
                       .config = R"({"max_bytes": 5})",
                       .setup = {.api = std::string(kPost)},
                       .call = {.method = "POST", .body = "123456"},
                       .status = 413,
                       .code = "request.body_too_large"},
                      {.name = "none at all",
                       .config = R"({"max_bytes": 0})",
                       .setup = {.api = std::string(kPost)},
                       .call = {.method = "POST", .body = "1"},
                       .status = 413,
                       .code = "request.body_too_large"},
                      {.name = "no body", .config = R"({"max_bytes": 0})"},
                  });
}

TEST(BodySize, OfAllLimitsTheSmallestDecides) {
    Stage stage(kinds_of(register_policies));
    ASSERT_TRUE(stage.publish({.api = std::string(kPost),
                               .policies = {{"body_size", R"({"max_bytes": 8})"}},
                               .api_policies = {{"body_size", R"({"max_bytes": 100})"}}}));
    EXPECT_EQ(stage.call({.method = "POST", .body = "12345678"}).status, 200);
    EXPECT_EQ(stage.call({.method = "POST", .body = "123456789"}).status, 413);
    ASSERT_TRUE(stage.publish({.api = std::string(kPost),
                               .policies = {{"body_size", R"({"max_bytes": 100})"}},
                               .adjust = [](gateway::CompiledService& s) { s.body_limit = 4; }}));
    EXPECT_EQ(stage.call({.method = "POST", .body = "1234"}).status, 200);
    EXPECT_EQ(stage.call({.method = "POST", .body = "12345"}).status, 413);
}

TEST(BodySize, SettingsOutsideTheirBoundsAreRefused) {
    run_scenarios(
        kinds_of(register_policies), "body_size",
        {
            {.name = "left out", .config = "{}", .faults = {"/max_bytes"}},
            {.name = "negative", .config = R"({"max_bytes": -1})", .faults = {"/max_bytes"}},
            {.name = "a part", .config = R"({"max_bytes": 1.5})", .faults = {"/max_bytes"}},
        });
}

}  // namespace
}  // namespace lintel::policies
