#include "app/output.h"

#include <gtest/gtest.h>

namespace lintel::app {
namespace {

using data::Json;

TEST(Output, ColumnsLineUpByCharacters) {
    const Json items = Json::array({{{"code", "a"}, {"name", "Zoë"}}, {{"code", "longer"}}});
    EXPECT_EQ(to_table(items, {{"CODE", "/code"}, {"NAME", "/name"}}),
              "CODE    NAME\n"
              "a       Zoë\n"
              "longer  -\n");
}

TEST(Output, CellsAreWordsForPeople) {
    const Json items = Json::array({{{"draft", true},
                                     {"in", Json::array({{{"environment", "test"}, {"release", 1}},
                                                         {{"environment", "release"}}})},
                                     {"auth", {{"kind", "basic"}}}}});
    EXPECT_EQ(to_table(items, {{"DRAFT", "/draft"}, {"IN", "/in"}, {"AUTH", "/auth/kind"}}),
              "DRAFT  IN            AUTH\n"
              "yes    test,release  basic\n");
}

TEST(Output, AnObjectIsOneMemberALine) {
    EXPECT_EQ(to_lines(Json{{"code", "petstore"}, {"release", 2}}),
              "code     petstore\n"
              "release  2\n");
}

}  // namespace
}  // namespace lintel::app
