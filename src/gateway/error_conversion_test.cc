#include "gateway/error_conversion.h"

#include <gtest/gtest.h>

#include "scenarios/stage.h"

namespace lintel::gateway {
namespace {

std::unique_ptr<const ErrorConversion> conversion_of(std::string_view error_codes) {
    const auto api =
        data::parse_json(R"({"responses": {"error_codes": )" + std::string(error_codes) + "}}");
    return ErrorConversion::build(api.value());
}

/// An api that converts one code of its backend.
scenarios::ServiceSetup converting(std::string_view code, std::string_view becomes,
                                   std::string_view message) {
    const data::Json row{{"code", std::string(code)},
                         {"message", std::string(message)},
                         {"converted_code", std::string(becomes)},
                         {"convert", true}};
    return {.api = R"({"method": "GET", "path": "/pets", "responses": {"error_codes": [)" +
                   data::dump(row) + "]}}"};
}

TEST(ErrorConversion, IsNothingWhereNothingIsConverted) {
    EXPECT_EQ(ErrorConversion::build(data::Json::object()), nullptr);
    EXPECT_EQ(conversion_of("[]"), nullptr);
    EXPECT_EQ(conversion_of(R"([{"code": "404", "converted_code": "200"}])"), nullptr);
    EXPECT_EQ(conversion_of(R"([{"code": "404", "converted_code": "200", "convert": false}])"),
              nullptr);
    EXPECT_EQ(conversion_of(R"([{"code": "", "converted_code": "200", "convert": true}])"),
              nullptr);
    EXPECT_EQ(conversion_of(R"([{"code": "404", "convert": true}])"), nullptr);
    EXPECT_NE(conversion_of(R"([{"code": "E1", "converted_code": "E2", "convert": true}])"),
              nullptr);
}

TEST(ErrorConversion, ReplacesTheAnswersOfTheTableAndNoOthers) {
    scenarios::Stage stage(Kinds{});
    ASSERT_TRUE(stage.publish(converting("200", "418", R"(as "told")")));
    const scenarios::Answer converted = stage.call({});
    EXPECT_EQ(converted.status, 418);
    EXPECT_EQ(converted.body, R"({"code":"418","message":"as \"told\""})");
    EXPECT_EQ(converted.header("Content-Type"), "application/json");
    EXPECT_TRUE(converted.has_header("X-Request-Id"));
    ASSERT_TRUE(stage.publish(converting("201", "418", "")));
    EXPECT_EQ(stage.call({}).body, "ok");
}

TEST(ErrorConversion, ACodeOfOnesOwnLeavesTheStatus) {
    scenarios::Stage stage(Kinds{});
    ASSERT_TRUE(stage.publish(converting("200", "E2", "m")));
    const scenarios::Answer converted = stage.call({});
    EXPECT_EQ(converted.status, 200);
    EXPECT_EQ(converted.body, R"({"code":"E2","message":"m"})");
}

TEST(ErrorConversion, RefusalsOfTheGatewayStayWhatTheyAre) {
    scenarios::Stage stage(Kinds{});
    ASSERT_TRUE(stage.publish({.api = R"({"method": "GET", "path": "/pets",
                    "parameters": [{"name": "n", "location": "query", "type": "integer",
                                    "required": true}],
                    "responses": {"error_codes": [
                    {"code": "400", "converted_code": "200", "convert": true}]}})"}));
    EXPECT_EQ(stage.call({}).code, "request.invalid");
}

}  // namespace
}  // namespace lintel::gateway
