#include "gateway/path_template.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

std::string shape(std::string_view text) {
    const auto parsed = PathTemplate::parse(text);
    return parsed ? parsed->shape() : "refused: " + parsed.error().message;
}

TEST(PathTemplate, ShapesAreEqualForTemplatesThatMatchTheSamePaths) {
    EXPECT_EQ(shape("/pets"), "/pets");
    EXPECT_EQ(shape("/"), "/");
    EXPECT_EQ(shape("/pets/{id}/"), "/pets/{}/");
    EXPECT_EQ(shape("/pets/{id}"), shape("/pets/{name}"));
    EXPECT_EQ(shape("/f.{x}/{a}:{b}"), "/f.{}/{}:{}");
    EXPECT_EQ(shape("/a/*"), "/a/*");
    EXPECT_EQ(shape("/a/{rest+}"), "/a/{+}");
    EXPECT_EQ(shape("/a/*/b"), "/a/*/b");
}

TEST(PathTemplate, LiteralsAreKeptAsCallsCarryThem) {
    EXPECT_EQ(shape("/städte"), "/st%C3%A4dte");
    EXPECT_EQ(shape("/%7euser/%e5%bc%a0"), "/~user/%E5%BC%A0");
    EXPECT_EQ(shape("/a.{format}"), "/a.{}");
    EXPECT_EQ(shape("/{name}.json"), "/{}.json");
}

TEST(PathTemplate, NamesComeInOrder) {
    const auto parsed = PathTemplate::parse("/{a}/x.{b}-{c}/{d+}");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->names(), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_FALSE(parsed->is_literal());
    EXPECT_EQ(PathTemplate::parse("/a/b")->literal_path(), "/a/b");
}

TEST(PathTemplate, RefusesWhatNoCallCouldReachOrNobodyCouldRead) {
    for (const std::string_view text :
         {"",     "pets", "/a//b", "/a/./b",  "/a/..",   "/-/x",   "/-",
          "/{",   "/{}",  "/{a",   "/{a}{b}", "/{a+}/b", "/x{a+}", "/{a}/{a}",
          "/a b", "/a?b", "/a#b",  "/a%2Fb",  "/a%zz",   "/a\\b",  "/{a{b}}"}) {
        EXPECT_TRUE(shape(text).starts_with("refused")) << text << " -> " << shape(text);
    }
}

TEST(PathTemplate, HasAtMostThirtyParameters) {
    std::string text;
    for (int i = 0; i < 30; ++i) {
        text += fmt::format("/{{p{}}}", i);
    }
    EXPECT_TRUE(PathTemplate::parse(text));
    EXPECT_FALSE(PathTemplate::parse(text + "/{one_more}"));
}

}  // namespace
}  // namespace lintel::gateway
