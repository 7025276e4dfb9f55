#include "data/yaml.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>

namespace lintel::data {
namespace {

std::string read(std::string_view text) {
    const auto value = parse_yaml(text);
    return value ? dump(*value) : "refused: " + value.error().faults.at(0).detail;
}

bool refused_for(std::string_view text, std::string_view reason) {
    const std::string answer = read(text);
    EXPECT_TRUE(answer.starts_with("refused: line ") && answer.find(reason) != std::string::npos)
        << answer;
    return answer.starts_with("refused: ");
}

TEST(ParseYaml, ReadsTheCoreSchema) {
    EXPECT_EQ(read("a: 1\nb: [x, 'y', \"z\"]\nc: {d: true, e: ~}\nf:\n"),
              R"({"a":1,"b":["x","y","z"],"c":{"d":true,"e":null},"f":null})");
    EXPECT_EQ(
        read("[yes, no, on, off, 12:30, 2024-01-31, 0o17, 0x1F, 1e3, 3.0, .5, +7, -0, 1_000, 0b1]"),
        R"(["yes","no","on","off","12:30","2024-01-31",15,31,1000.0,3.0,0.5,7,0,"1_000","0b1"])");
    EXPECT_EQ(read("[3.0.0, '3.0', NULL, True, FALSE, nULL, '', !!str 12, !!int '12', !!null '']"),
              R"(["3.0.0","3.0",null,true,false,"nULL","","12",12,null])");
    EXPECT_EQ(read("[9223372036854775807, -9223372036854775808, 18446744073709551615]"),
              "[9223372036854775807,-9223372036854775808,18446744073709551615]");
    EXPECT_EQ(read("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), R"({"a":"x\ny\n","b":"x y"})");
}

TEST(ParseYaml, TakesKeysAsWritten) {
    EXPECT_EQ(read("200: a\ntrue: b\n1.0: c\nnull: d\n2024-01-31: e\n"),
              R"({"200":"a","true":"b","1.0":"c","null":"d","2024-01-31":"e"})");
}

TEST(ParseYaml, ExpandsAliasesAndMergeKeys) {
    EXPECT_EQ(read("a: &x {b: 1}\nc: *x\n"), R"({"a":{"b":1},"c":{"b":1}})");
    EXPECT_EQ(read("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n  e: 4\n"),
              R"({"a":{"b":1,"c":2},"d":{"c":3,"b":1,"e":4}})");
    EXPECT_EQ(read("- &x {b: 1}\n- &y {b: 2, c: 3}\n- <<: [*x, *y]\n"),
              R"([{"b":1},{"b":2,"c":3},{"b":1,"c":3}])");
    EXPECT_EQ(read("'<<': 1\n"), R"({"<<":1})");
    EXPECT_TRUE(refused_for("<<: 1\n", "must be a map"));
}

TEST(ParseYaml, RefusesWithLineAndColumn) {
    EXPECT_EQ(read("a: 1\nb: 2\na: 3\n"), "refused: line 3, column 1: the key 'a' is repeated");
    EXPECT_TRUE(refused_for("a: [1, 2\n", "line 2"));
    EXPECT_TRUE(refused_for("a: b: c\n", "line 1"));
    EXPECT_TRUE(refused_for("a\n---\nb\n", "only one document"));
    EXPECT_TRUE(refused_for("", "empty"));
    EXPECT_TRUE(refused_for("# nothing\n", "empty"));
    EXPECT_TRUE(refused_for("[a]: 1\n", "must be text"));
    EXPECT_TRUE(refused_for("a: .inf\n", "no such number"));
    EXPECT_TRUE(refused_for("a: *x\n", ""));
    EXPECT_TRUE(refused_for("a: \"\\N\"\n", ""));
    EXPECT_TRUE(refused_for("a: &x [*x]\n", "inside what it repeats"));
    EXPECT_TRUE(refused_for(std::string_view("a: \0b\n", 7), "control character"));
    EXPECT_TRUE(refused_for("a: \x04\nb: 1\n", "control character"));
    EXPECT_TRUE(refused_for("a: \xff\n", "not valid UTF-8"));
    EXPECT_TRUE(refused_for(std::string_view("\xFF\xFE"
                                             "a\0",
                                             4),
                            "UTF-16"));
    EXPECT_EQ(read("\xEF\xBB\xBF"
                   "a: 1\n"),
              R"({"a":1})");
}

TEST(ParseYaml, RefusesTags) {
    EXPECT_TRUE(refused_for("a: !!python/object:os.system x\n", "tag"));
    EXPECT_TRUE(refused_for("a: !custom {b: 1}\n", "tag"));
    EXPECT_TRUE(refused_for("a: !!binary aGFsbG8=\n", "tag"));
    EXPECT_TRUE(refused_for("a: !!int x\n", "tag"));
    EXPECT_TRUE(refused_for("a: !!set {b}\n", "tag"));
}

TEST(ParseYaml, StopsAliasBombs) {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 9; ++i) {
        bomb += fmt::format(
            "a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i,
            i - 1);
    }
    EXPECT_TRUE(refused_for(bomb, "more than 50000 values"));
    std::string merges = "a0: &a0 {k: {x: 1}}\n";
    for (int i = 1; i < 40; ++i) {
        merges +=
            fmt::format("a{0}: &a{0}\n  <<: [*a{1}, *a{1}]\n  k{0}: {{x: *a{1}}}\n", i, i - 1);
    }
    EXPECT_TRUE(refused_for(merges, "more than"));
    std::string many = "a: &a 1\nb: [";
    for (int i = 0; i < 101; ++i) {
        many += "*a,";
    }
    EXPECT_TRUE(refused_for(many + "]\n", "more than 100 aliases"));
}

TEST(ParseYaml, StopsDeepAndLargeInputQuickly) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(refused_for(std::string(100'000, '['), "deeper than 64"));
    EXPECT_TRUE(refused_for(std::string(100'000, '{'), ""));
    std::string dashes;
    for (int i = 0; i < 50'000; ++i) {
        dashes += "- ";
    }
    EXPECT_TRUE(refused_for(dashes, "deeper than 64"));
    std::string questions;
    for (int i = 0; i < 50'000; ++i) {
        questions += "? ";
    }
    EXPECT_TRUE(refused_for(questions, "deeper than 64"));
    std::string indented;
    for (int i = 0; i < 400; ++i) {
        indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    }
    EXPECT_TRUE(refused_for(indented, "deeper than 64"));
    std::string keys;
    for (int i = 0; i < 1'000'000; ++i) {
        keys += fmt::format("k{}: 0\n", i);
    }
    EXPECT_TRUE(refused_for(keys, "more than 50000 values"));
    std::string anchors;
    for (int i = 0; i < 10'000; ++i) {
        anchors += fmt::format("- &a{} x\n", i);
    }
    EXPECT_TRUE(parse_yaml(anchors));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(ParseYaml, CountsDepthThroughAliases) {
    std::string text = "- &a0 [x]\n";
    for (int i = 1; i < 80; ++i) {
        text += fmt::format("- &a{} [*a{}]\n", i, i - 1);
    }
    EXPECT_TRUE(refused_for(text, "deeper than 64"));
}

TEST(ToYaml, ReadsBackToTheSameValue) {
    const std::vector<std::string> texts = {"",
                                            "a",
                                            "a b",
                                            " a",
                                            "a ",
                                            "a: b",
                                            "a:",
                                            "a #b",
                                            "#a",
                                            "- a",
                                            "-",
                                            "yes",
                                            "No",
                                            "null",
                                            "~",
                                            "true",
                                            "1",
                                            "1.0",
                                            "-1",
                                            "1e3",
                                            ".5",
                                            "0x1F",
                                            "0o7",
                                            "2024-01-31",
                                            "12:30",
                                            "<<",
                                            "---",
                                            "...",
                                            "%x",
                                            "@x",
                                            "`x",
                                            "*x",
                                            "&x",
                                            "!x",
                                            "|",
                                            ">",
                                            "'",
                                            "\"",
                                            "a\nb",
                                            "a\nb\n",
                                            "a\n\nb",
                                            "a\n\n",
                                            "\na",
                                            "  a\nb",
                                            "a\n  \nb",
                                            "a\tb",
                                            "a\r\nb",
                                            "\xC2\x85",
                                            "\xE2\x80\xA8",
                                            "\xEF\xBB\xBF",
                                            "\x7F",
                                            "\x01",
                                            "é",
                                            "张三",
                                            "😀",
                                            "a\\b",
                                            "{a}",
                                            "[a]",
                                            "a,b",
                                            "/pets/{id}",
                                            "application/json",
                                            "http://x/y",
                                            "? a",
                                            "=",
                                            "a\n- b\n# c",
                                            "=\n=",
                                            "-1 a",
                                            "$ref",
                                            "#/components/schemas/Pet",
                                            "key: |\n  x",
                                            ".inf",
                                            ".nan"};
    Json all = Json::object();
    Json list = Json::array();
    for (const std::string& text : texts) {
        list.push_back(text);
        all[text] = text;
        EXPECT_EQ(*parse_yaml(to_yaml(Json(text))), Json(text)) << to_yaml(Json(text));
    }
    all["list"] = list;
    all["nested"] = Json::array({Json::array({1, Json::array(), Json::object()}),
                                 Json{{"a", Json::array({nullptr, true, 1.5})}, {"b", "x\ny"}}});
    all["numbers"] = Json::array({0, -1, 18446744073709551615U, 1e300, 1e-7, 3.0, -0.5, 1e20});
    all[std::string(2000, 'k')] = "long key";
    const auto back = parse_yaml(to_yaml(all));
    ASSERT_TRUE(back) << back.error().message << "\n" << to_yaml(all);
    EXPECT_EQ(*back, all);
}

TEST(ToYaml, IsPleasantToRead) {
    const Json value = *parse_json(
        R"({"openapi":"3.0.0","info":{"title":"Pets","description":"One\nTwo\n"},
            "tags":[{"name":"a","x":[]},"b"],"k":null})");
    EXPECT_EQ(to_yaml(value),
              "openapi: \"3.0.0\"\ninfo:\n  title: Pets\n  description: |\n    One\n    "
              "Two\ntags:\n  - name: a\n    x: []\n"
              "  - b\nk: null\n");
}

}  // namespace
}  // namespace lintel::data
