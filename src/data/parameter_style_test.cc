#include "data/parameter_style.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace lintel::data {
namespace {

ParameterShape shape(std::string_view style, bool explode, std::string_view schema,
                     bool allow_empty = false) {
    return parameter_shape("p", *parameter_style(style), explode, allow_empty, *parse_json(schema),
                           Json::object());
}

constexpr std::string_view kString = R"({"type":"string"})";
constexpr std::string_view kInteger = R"({"type":"integer"})";
constexpr std::string_view kIntegers = R"({"type":"array","items":{"type":"integer"}})";
constexpr std::string_view kStrings = R"({"type":"array","items":{"type":"string"}})";
constexpr std::string_view kObject =
    R"({"type":"object","properties":{"R":{"type":"integer"},"n":{"type":"string"}}})";

std::string shown(const Result<std::optional<Json>>& value) {
    if (!value) { return "refused: " + value.error().message; }
    return *value ? dump(**value) : "absent";
}
std::string shown(const Result<Json>& value) {
    return value ? dump(*value) : "refused: " + value.error().message;
}

std::string query(const ParameterShape& parameter, std::string_view text) {
    return shown(read_query_parameter(parameter, *split_query(text)));
}

TEST(QueryParameter, ReadsScalars) {
    EXPECT_EQ(query(shape("form", true, kString), "p=a%20b+c%2B"), R"("a b c+")");
    EXPECT_EQ(query(shape("form", true, kString), "p="), R"("")");
    EXPECT_EQ(query(shape("form", true, kString), "p"), R"("")");
    EXPECT_EQ(query(shape("form", true, kString), "q=1"), "absent");
    EXPECT_EQ(query(shape("form", true, kString), "%70=1"), R"("1")");
    EXPECT_EQ(query(shape("form", true, kString), "p=a,b"), R"("a,b")");
    EXPECT_EQ(query(shape("form", true, kInteger), "p=-12"), "-12");
    EXPECT_EQ(query(shape("form", true, kInteger), "p=1.0"), "refused: must be a whole number");
    EXPECT_EQ(query(shape("form", true, kInteger), "p="), "refused: must be a whole number");
    EXPECT_EQ(query(shape("form", true, kInteger, true), "p="), R"("")");
    EXPECT_EQ(query(shape("form", true, kInteger), "p=1&p=2"), "refused: is given more than once");
    EXPECT_EQ(query(shape("form", true, R"({"type":"boolean"})"), "p=true"), "true");
    EXPECT_EQ(query(shape("form", true, R"({"type":"boolean"})"), "p=True"),
              "refused: must be true or false");
    EXPECT_EQ(query(shape("form", true, R"({"type":"number"})"), "p=1e3"), "1000.0");
    EXPECT_EQ(query(shape("form", true, kString), "p=%FF"), "refused: must be UTF-8");
}

TEST(QueryParameter, ReadsArrays) {
    EXPECT_EQ(query(shape("form", true, kIntegers), "p=1&x=0&p=2"), "[1,2]");
    EXPECT_EQ(query(shape("form", false, kIntegers), "p=1,2"), "[1,2]");
    EXPECT_EQ(query(shape("form", false, kStrings), "p=a%2Cb,c"), R"(["a,b","c"])");
    EXPECT_EQ(query(shape("form", false, kStrings), "p="), "[]");
    EXPECT_EQ(query(shape("spaceDelimited", false, kIntegers), "p=1%202"), "[1,2]");
    EXPECT_EQ(query(shape("spaceDelimited", false, kIntegers), "p=1+2"), "[1,2]");
    EXPECT_EQ(query(shape("pipeDelimited", false, kIntegers), "p=1|2"), "[1,2]");
    EXPECT_EQ(query(shape("pipeDelimited", false, kIntegers), "p=1%7C2"), "[1,2]");
    EXPECT_EQ(query(shape("json", false, kIntegers), "p=%5B1,2%5D"), "[1,2]");
    EXPECT_EQ(query(shape("json", false, kIntegers), "p=[1"), "refused: must be JSON text");
    EXPECT_EQ(query(shape("form", true, kIntegers), "p=1&p=x"), "refused: must be a whole number");
}

TEST(QueryParameter, ReadsObjects) {
    EXPECT_EQ(query(shape("form", true, kObject), "R=100&n=7&z=1"), R"({"R":100,"n":"7"})");
    EXPECT_EQ(query(shape("form", true, kObject), "z=1"), "absent");
    EXPECT_EQ(query(shape("form", false, kObject), "p=R,100,n,7"), R"({"R":100,"n":"7"})");
    EXPECT_EQ(query(shape("form", false, kObject), "p=R,100,n"),
              "refused: must be a list of names and values");
    EXPECT_EQ(query(shape("deepObject", true, kObject), "p[R]=100&p%5Bn%5D=7&p=1"),
              R"({"R":100,"n":"7"})");
    EXPECT_EQ(query(shape("deepObject", true, kObject), "p[R]=1&p[R]=2"),
              "refused: has the property 'R' twice");
    EXPECT_EQ(query(shape("json", true, kObject), R"(p={"R":1})"), R"({"R":1})");
}

TEST(QueryParameter, ReadsAlternatives) {
    constexpr std::string_view kEither =
        R"({"oneOf":[{"type":"integer"},{"type":"string"},
                     {"type":"array","items":{"type":"string"}}]})";
    EXPECT_EQ(query(shape("form", true, kEither), "p=12"), "12");
    EXPECT_EQ(query(shape("form", true, kEither), "p=ab"), R"("ab")");
    EXPECT_EQ(query(shape("form", true, kEither), "p=a&p=b"), R"(["a","b"])");
    EXPECT_EQ(query(shape("form", true, "{}"), "p=12"), R"("12")");
    EXPECT_EQ(query(shape("form", true, R"({"enum":[1,2]})"), "p=2"), "2");
}

TEST(PathParameter, ReadsTheStylesOfTheSpecification) {
    const auto path = [](const ParameterShape& parameter, std::string_view text) {
        return shown(read_path_parameter(parameter, text));
    };
    EXPECT_EQ(path(shape("simple", false, kString), "a+b%20c"), R"("a+b c")");
    EXPECT_EQ(path(shape("simple", false, kIntegers), "3,4,5"), "[3,4,5]");
    EXPECT_EQ(path(shape("simple", false, kObject), "R,100,n,x"), R"({"R":100,"n":"x"})");
    EXPECT_EQ(path(shape("simple", true, kObject), "R=100,n=x"), R"({"R":100,"n":"x"})");
    EXPECT_EQ(path(shape("label", false, kInteger), ".5"), "5");
    EXPECT_EQ(path(shape("label", false, kIntegers), ".3,4"), "[3,4]");
    EXPECT_EQ(path(shape("label", true, kIntegers), ".3.4"), "[3,4]");
    EXPECT_EQ(path(shape("label", true, kObject), ".R=1.n=x"), R"({"R":1,"n":"x"})");
    EXPECT_EQ(path(shape("label", true, kInteger), "5"), "refused: must start with '.'");
    EXPECT_EQ(path(shape("matrix", false, kInteger), ";p=5"), "5");
    EXPECT_EQ(path(shape("matrix", false, kIntegers), ";p=3,4"), "[3,4]");
    EXPECT_EQ(path(shape("matrix", true, kIntegers), ";p=3;p=4"), "[3,4]");
    EXPECT_EQ(path(shape("matrix", false, kObject), ";p=R,1,n,x"), R"({"R":1,"n":"x"})");
    EXPECT_EQ(path(shape("matrix", true, kObject), ";R=1;n=x"), R"({"R":1,"n":"x"})");
    EXPECT_EQ(path(shape("matrix", false, kInteger), ";q=5"),
              "refused: must be written as ;p=value");
}

TEST(HeaderParameter, ReadsListsAndIsNotPercentDecoded) {
    const auto header = [](const ParameterShape& parameter, std::string_view text) {
        return shown(read_header_parameter(parameter, text));
    };
    EXPECT_EQ(header(shape("simple", false, kString), "a%20b"), R"("a%20b")");
    EXPECT_EQ(header(shape("simple", false, kIntegers), "1, 2,3"), "[1,2,3]");
    EXPECT_EQ(header(shape("simple", true, kObject), "R=1, n=x"), R"({"R":1,"n":"x"})");
}

TEST(ParseScalar, TakesJsonNumbersOnly) {
    for (const std::string_view bad :
         {"", "+1", "01", "0x1", "1.", ".5", "1e", "inf", "nan", " 1", "1 ", "--1", "1e999"}) {
        EXPECT_FALSE(parse_scalar(bad, ValueType::Number)) << bad;
    }
    EXPECT_EQ(*parse_scalar("18446744073709551615", ValueType::Integer),
              Json(18446744073709551615U));
    EXPECT_FALSE(parse_scalar("18446744073709551616", ValueType::Integer));
    EXPECT_EQ(*parse_scalar("-0.5e-1", ValueType::Number), Json(-0.05));
}

TEST(Query, IsBounded) {
    std::string text;
    for (int i = 0; i < 1001; ++i) {
        text += "a=1&";
    }
    EXPECT_FALSE(split_query(text));
    EXPECT_EQ(split_query("&&a=1&&b&")->size(), 2U);
    std::string list = "p=1";
    for (int i = 0; i < 1000; ++i) {
        list += ",1";
    }
    EXPECT_TRUE(query(shape("form", false, kIntegers), list).starts_with("refused"));
}

TEST(ParameterShape, EndsOnSchemasThatMultiply) {
    std::string text = R"({"components":{)";
    for (int i = 0; i < 40; ++i) {
        text += fmt::format(
            R"("a{}":{{"allOf":[{{"$ref":"#/components/a{}"}},{{"$ref":"#/components/a{}"}}]}},)",
            i, i + 1, i + 1);
    }
    text += R"("a40":{"$ref":"#/components/a0"}}})";
    const ParameterShape result =
        parameter_shape("p", ParameterStyle::Form, true, false, Json{{"$ref", "#/components/a0"}},
                        *parse_json(text));
    EXPECT_EQ(result.type, ValueType::String);
}

}  // namespace
}  // namespace lintel::data
