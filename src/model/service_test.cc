#include "model/service.h"

#include <gtest/gtest.h>

namespace lintel::model {
namespace {

std::vector<KindInfo> kinds() {
    const data::Json schema =
        data::parse_json(R"({"properties": {"limit": {}, "unit": {"default": "second"}}})").value();
    return {{.family = Family::Policy, .name = "rate_limit", .phase = "limit", .schema = schema},
            {.family = Family::Policy, .name = "ip_access", .phase = "access", .schema = {}}};
}

ServiceDefinition limited(std::string_view config) {
    ServiceDefinition definition;
    definition.policies = {{.kind = "rate_limit", .config = data::parse_json(config).value()},
                           {.kind = "ip_access", .config = data::Json::object()}};
    return definition;
}

TEST(LimitOrigins, OnlyLimitsHaveOne) {
    const auto origins = carry_origins({}, limited(R"({"limit": 5})"), kinds(), 1000);
    ASSERT_EQ(origins.size(), 1U);
    EXPECT_EQ(origins[0].kind, "rate_limit");
    EXPECT_EQ(origins[0].since, 1000);
}

TEST(LimitOrigins, APublishThatDoesNotTouchTheLimitKeepsIts) {
    const auto first =
        carry_origins({}, limited(R"({"limit": 5, "unit": "second"})"), kinds(), 1000);
    const auto reordered =
        carry_origins(first, limited(R"({"unit": "second", "limit": 5})"), kinds(), 2000);
    EXPECT_EQ(reordered, first);
    EXPECT_EQ(carry_origins(first, limited(R"({"limit": 5})"), kinds(), 2000), first)
        << "a default written out means the same limit";
}

TEST(LimitOrigins, ValueUnitAndSwitchStartItAnew) {
    const auto first = carry_origins({}, limited(R"({"limit": 5})"), kinds(), 1000);
    EXPECT_EQ(carry_origins(first, limited(R"({"limit": 6})"), kinds(), 2000)[0].since, 2000);
    EXPECT_EQ(
        carry_origins(first, limited(R"({"limit": 5, "unit": "day"})"), kinds(), 2000)[0].since,
        2000);
    const auto off = carry_origins(first, ServiceDefinition(), kinds(), 2000);
    EXPECT_TRUE(off.empty());
    EXPECT_EQ(carry_origins(off, limited(R"({"limit": 5})"), kinds(), 3000)[0].since, 3000);
}

TEST(LimitOrigins, TheLimitsOfAnApiAreItsOwn) {
    ServiceDefinition definition = limited(R"({"limit": 5})");
    ApiDefinition api;
    api.id = ApiId("api_1");
    api.policies = {definition.policies[0]};
    definition.apis = {api};
    const auto first = carry_origins({}, definition, kinds(), 1000);
    ASSERT_EQ(first.size(), 2U);
    definition.apis[0].policies[0].config["limit"] = 9;
    const auto second = carry_origins(first, definition, kinds(), 2000);
    EXPECT_EQ(second[0].since, 1000);
    EXPECT_EQ(second[1].since, 2000);
    EXPECT_EQ(limit_origins_from_json(to_json(second)).value(), second);
}

}  // namespace
}  // namespace lintel::model
