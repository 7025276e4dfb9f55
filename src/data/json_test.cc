#include "data/json.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>

namespace lintel::data {
namespace {

std::string fault_of(std::string_view text, const JsonLimits& limits = {}) {
    const auto result = parse_json(text, limits);
    if (result) { return "accepted"; }
    return result.error().faults.at(0).detail;
}

TEST(ParseJson, KeepsMembersInOrderAndEveryKindOfValue) {
    const auto value = parse_json(R"({"z":[1,-2,3.5,true,null],"a":"é\u00e9"})");
    ASSERT_TRUE(value);
    EXPECT_EQ(dump(*value), R"({"z":[1,-2,3.5,true,null],"a":"éé"})");
}

TEST(ParseJson, RefusesWhatRfc8259Refuses) {
    for (const std::string_view text : {"",
                                        " ",
                                        "{",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "'a'",
                                        "01",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "NaN",
                                        "Infinity",
                                        "0x1",
                                        "[1] 2",
                                        "nul",
                                        "\"\\x\"",
                                        "\"a\nb\"",
                                        "\"\\ud800\"",
                                        "// c\n1",
                                        "\"\xff\"",
                                        "\"\xc0\xaf\"",
                                        "tru",
                                        "[1 2]"}) {
        EXPECT_FALSE(parse_json(text)) << text;
    }
    EXPECT_FALSE(parse_json(std::string_view("1\0", 2)));
}

TEST(ParseJson, NamesLineAndColumn) {
    EXPECT_EQ(fault_of("{\n  \"a\": x\n}"), "line 2, column 8: invalid literal");
    EXPECT_TRUE(fault_of("{\"a\":1,\n \"b\":2,\n \"a\":3}")
                    .starts_with("line 3, column 4: the key is repeated"));
}

TEST(ParseJson, DoesNotRepeatTheTextItRefuses) {
    EXPECT_EQ(fault_of("{\"password\": \"geheim\n\"}").find("geheim"), std::string::npos);
}

TEST(ParseJson, PointsToTheObjectWithTheRepeatedKey) {
    const auto result = parse_json(R"({"a":[0,{"b":{"c":1,"c":2}}]})");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().faults.at(0).pointer, "/a/1/b");
}

TEST(ParseJson, RefusesDeepNestingWithoutRecursion) {
    EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
    EXPECT_NE(fault_of(std::string(65, '[') + std::string(65, ']')).find("deeper than 64"),
              std::string::npos);
    EXPECT_NE(fault_of(std::string(1'000'000, '[')).find("deeper than 64"), std::string::npos);
    std::string objects;
    for (int i = 0; i < 100'000; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_NE(fault_of(objects).find("deeper than 64"), std::string::npos);
}

TEST(ParseJson, BoundsTheNumberOfValuesAndTheLengthOfNumbers) {
    EXPECT_NE(fault_of("[1,2,3]", {.max_nodes = 3}).find("more than 3 values"), std::string::npos);
    EXPECT_TRUE(parse_json("[1,2,3]", {.max_nodes = 4}));
    EXPECT_TRUE(parse_json("0." + std::string(62, '1')));
    EXPECT_NE(fault_of("0." + std::string(63, '1')).find("longer than the 64"), std::string::npos);
    EXPECT_NE(fault_of("1" + std::string(64, '0')).find("longer than the 64"), std::string::npos);
    EXPECT_NE(fault_of("1e999").find("out of range"), std::string::npos);
}

TEST(ParseJson, TakesAByteOrderMarkOnlyWhenAllowed) {
    EXPECT_FALSE(parse_json("\xEF\xBB\xBF{}"));
    EXPECT_TRUE(parse_json("\xEF\xBB\xBF{}", {.allow_byte_order_mark = true}));
    EXPECT_FALSE(
        parse_json(std::string_view("\xFF\xFE{\0}\0", 6), {.allow_byte_order_mark = true}));
}

TEST(ParseJson, ReadsAMillionKeysInBoundedTime) {
    std::string text = "{";
    for (int i = 0; i < 1'000'000; ++i) {
        text += fmt::format("\"k{}\":0,", i);
    }
    text.back() = '}';
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_NE(fault_of(text).find("more than 100000 values"), std::string::npos);
    EXPECT_TRUE(parse_json(text, {.max_nodes = 2'000'000}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(ParseJson, KeepsIntegersOf64Bits) {
    EXPECT_EQ(dump(*parse_json("[9223372036854775807,-9223372036854775808,18446744073709551615]")),
              "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

TEST(Equal, ComparesByValue) {
    const auto same = [](std::string_view a, std::string_view b) {
        return equal(*parse_json(a), *parse_json(b));
    };
    EXPECT_TRUE(same(R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1.0})"));
    EXPECT_FALSE(same("1", "true"));
    EXPECT_FALSE(same("0", "false"));
    EXPECT_FALSE(same("[1,2]", "[2,1]"));
    EXPECT_FALSE(same(R"({"a":1})", R"({"a":1,"b":2})"));
    EXPECT_FALSE(same("9007199254740993", "9007199254740992.0"));
    std::string forward = "{";
    std::string backward = "{";
    for (int i = 0; i < 40; ++i) {
        forward += fmt::format("\"k{}\":{},", i, i);
        backward += fmt::format("\"k{}\":{},", 39 - i, 39 - i);
    }
    forward.back() = backward.back() = '}';
    EXPECT_TRUE(same(forward, backward));
}

TEST(CompareNumbers, IsExactAcrossKinds) {
    EXPECT_EQ(compare_numbers(Json(std::uint64_t{18446744073709551615U}), Json(std::int64_t{-1})),
              1);
    EXPECT_EQ(compare_numbers(Json(std::int64_t{9007199254740993}), Json(9007199254740992.0)), 1);
    EXPECT_EQ(compare_numbers(Json(2), Json(2.0)), 0);
    EXPECT_EQ(compare_numbers(Json(1.5), Json(2)), -1);
}

TEST(Pointer, ResolvesAndEscapes) {
    const Json root = *parse_json(R"({"a/b":{"~":[10,{"":5}]},"n":null})");
    EXPECT_EQ(*resolve_pointer(root, "/a~1b/~0/1/"), 5);
    EXPECT_EQ(resolve_pointer(root, ""), &root);
    EXPECT_NE(resolve_pointer(root, "/n"), nullptr);
    for (const std::string_view bad :
         {"a", "/a~1b/~0/2", "/a~1b/~0/01", "/a~1b/~0/-", "/x", "/n/x", "/~2", "/~"}) {
        EXPECT_EQ(resolve_pointer(root, bad), nullptr) << bad;
    }
    EXPECT_EQ(child_pointer("/p", "a/b~c"), "/p/a~1b~0c");
    EXPECT_EQ(child_pointer("", 3), "/3");
}

TEST(Pointer, IsReadFromAFragment) {
    EXPECT_EQ(*pointer_of_fragment("#/a%20b/c~1d"), "/a b/c~1d");
    EXPECT_EQ(*pointer_of_fragment("#"), "");
    EXPECT_FALSE(pointer_of_fragment("a.yaml#/x"));
    EXPECT_FALSE(pointer_of_fragment("#anchor"));
    EXPECT_FALSE(pointer_of_fragment("#/%zz"));
    EXPECT_FALSE(pointer_of_fragment("#/%4"));
}

TEST(Find, GivesMembersOfObjectsOnly) {
    const Json object = *parse_json(R"({"a":"x","b":1})");
    EXPECT_EQ(find_string(object, "a"), "x");
    EXPECT_EQ(find_string(object, "b"), "");
    EXPECT_EQ(find(object, "c"), nullptr);
    EXPECT_EQ(find(Json(3), "a"), nullptr);
}

}  // namespace
}  // namespace lintel::data
