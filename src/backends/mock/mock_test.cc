#include <gtest/gtest.h>

#include "backends/backends.h"
#include "scenarios/scenario.h"

namespace lintel::backends {
namespace {

using scenarios::kinds_of;
using scenarios::ServiceSetup;
using scenarios::Stage;

/// An api with the response configuration given.
ServiceSetup api_answering(std::string responses) {
    return {.api =
                R"({"method": "GET", "path": "/pets", "responses": )" + std::move(responses) + "}"};
}

TEST(Mock, Scenarios) {
    scenarios::run_scenarios(
        kinds_of(register_backends), "mock",
        {
            {.name = "nothing configured is an empty 200", .status = 200},
            {.name = "status, headers and body are answered as configured",
             .config = R"({"status": 201, "headers": {"Location": "/pets/7"}, "body": "made"})",
             .status = 201,
             .headers = {{"Location", "/pets/7"}, {"Content-Type", "application/json"}},
             .body_contains = "made"},
            {.name = "the success example stands in for a body",
             .setup = api_answering(R"({"type": "xml", "success_example": "<pet/>"})"),
             .headers = {{"Content-Type", "application/xml"}},
             .body_contains = "<pet/>"},
            {.name = "the schema stands in for an example",
             .setup = api_answering(R"({"success_status": 202, "media_type": "application/hal+json",
                 "schema": {"type": "object", "properties": {"id": {"type": "integer",
                                                                    "example": 7}}}})"),
             .status = 202,
             .headers = {{"Content-Type", "application/hal+json"}},
             .body_contains = R"("id":7)"},
            {.name = "a configured status wins over the documented one",
             .config = R"({"status": 204})",
             .setup = api_answering(R"({"success_status": 202, "success_example": "{}"})"),
             .status = 204},
            {.name = "a configured media type wins",
             .config = R"({"headers": {"content-type": "text/csv"}, "body": "a,b"})",
             .headers = {{"Content-Type", "text/csv"}}},
            {.name = "a status that has no body refuses one",
             .config = R"({"status": 204, "body": "x"})",
             .faults = {"/body"}},
            {.name = "fields that frame the message are refused",
             .config = R"({"headers": {"Content-Length": "1", "X-A": "b\nX-Evil: 1"}})",
             .faults = {"/headers/Content-Length", "/headers/X-A"}},
            {.name = "a status outside 200 to 599 is refused",
             .config = R"({"status": 100})",
             .faults = {"/status"}},
        });
}

TEST(Mock, AnswersWithExactlyTheBody) {
    Stage stage(kinds_of(register_backends));
    ASSERT_TRUE(stage.publish({.backend = {{"mock", R"({"body": "exactly"})"}}}));
    EXPECT_EQ(stage.call({}).body, "exactly");
    ASSERT_TRUE(stage.publish({.backend = {{"mock", R"({"status": 304})"}}}));
    const scenarios::Answer empty = stage.call({});
    EXPECT_EQ(empty.body, "");
    EXPECT_FALSE(empty.has_header("Content-Type"));
}

TEST(Mock, IsAskedOnlyAfterValidation) {
    Stage stage(kinds_of(register_backends));
    ASSERT_TRUE(stage.publish({.api = R"({"method": "GET", "path": "/pets", "parameters": [
        {"name": "limit", "location": "query", "type": "integer", "required": true}]})",
                               .backend = {{"mock"}}}));
    EXPECT_EQ(stage.call({}).code, "request.invalid");
    EXPECT_EQ(stage.call({.target = "/test/pets/pets?limit=1"}).status, 200);
}

}  // namespace
}  // namespace lintel::backends
