#include <gtest/gtest.h>

#include <algorithm>

#include "auth/auth.h"

namespace lintel::auth {
namespace {

TEST(None, HasNothingToRun) {
    gateway::Kinds kinds;
    register_auths(kinds);
    const auto none = std::ranges::find(kinds.auths, "none", &gateway::AuthKind::name);
    ASSERT_NE(none, kinds.auths.end());
    EXPECT_EQ(none->build, nullptr);
}

TEST(Catalogue, ListsEveryKindOnceWithItsSchema) {
    gateway::Kinds kinds;
    register_auths(kinds);
    std::vector<std::string_view> names;
    for (const gateway::AuthKind& kind : kinds.auths) {
        names.push_back(kind.name);
        EXPECT_NE(kind.schema.find("\"additionalProperties\": false"), std::string_view::npos);
    }
    EXPECT_EQ(names, (std::vector<std::string_view>{"none", "basic", "oauth2", "hmac"}));
}

}  // namespace
}  // namespace lintel::auth
