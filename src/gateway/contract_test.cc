#include "gateway/contract.h"

#include <gtest/gtest.h>

#include "gateway/loose_exchange_test.h"

namespace lintel::gateway {
namespace {

using data::Json;

Json json(std::string_view text) {
    return data::parse_json(text).value();
}

const Json kRoot = json(R"({"components": {"schemas": {
    "Pet": {"type": "object", "required": ["name"],
            "properties": {"name": {"type": "string", "minLength": 1},
                           "age": {"type": "integer", "minimum": 0},
                           "tags": {"type": "array", "items": {"type": "string"}}}}}}})");

struct Outcome {
    int status = 200;
    std::string detail;
    std::vector<std::string> faults;  ///< "pointer code"
    std::vector<std::optional<Json>> values;
    std::optional<Json> body;
    std::string passed_on;  ///< the body as the backend would read it
    bool was_read = false;
};

Outcome check(std::string_view api, LooseRequest request, std::uint64_t body_limit = 1000) {
    auto contract = Contract::build(json(api), kRoot);
    EXPECT_TRUE(contract) << (contract ? "" : contract.error().message);
    LooseExchange loose(std::move(request));
    loose.service.body_limit = body_limit;
    const bool needs_body = contract->reads_body(loose.exchange);
    const Verdict verdict = run(contract->check(loose.exchange));
    Outcome outcome;
    if (!verdict.proceeds()) {
        outcome.status = info(verdict.refusal()->code).status;
        outcome.detail = verdict.refusal()->detail;
    }
    for (const Fault& fault : loose.exchange.faults) {
        outcome.faults.push_back(fault.pointer + " " + fault.code);
    }
    outcome.values = loose.exchange.parameter_values.values;
    outcome.body = loose.exchange.body_json;
    outcome.was_read = needs_body;
    outcome.passed_on = read_all(loose.exchange.body());
    return outcome;
}

using Faults = std::vector<std::string>;

TEST(Contract, LetsEverythingThroughWhenNothingIsDeclared) {
    const Outcome outcome = check(R"({})", {.query = "a=%zz&a=1", .body = "anything"});
    EXPECT_EQ(outcome.status, 200);
    EXPECT_TRUE(outcome.values.empty());
    EXPECT_FALSE(outcome.was_read);
    EXPECT_EQ(outcome.passed_on, "anything");
}

TEST(Contract, NamesEveryFaultOfARequestAtOnce) {
    const Outcome outcome =
        check(R"({"parameters": [
        {"name": "id", "location": "path", "type": "integer", "required": true},
        {"name": "limit", "location": "query", "type": "integer",
         "schema": {"type": "integer", "maximum": 100}},
        {"name": "sort", "location": "query", "type": "string", "required": true},
        {"name": "X-Trace", "location": "header", "type": "string",
         "schema": {"type": "string", "pattern": "^[a-f0-9]+$"}}],
        "body": {"required": true,
                 "content": {"application/json":
                     {"schema": {"$ref": "#/components/schemas/Pet"}}}}})",
              {.query = "limit=101",
               .path_values = {{"id", "seven"}},
               .headers = {{"x-trace", "XYZ"}, {"Content-Type", "application/json"}},
               .body = R"({"age": -1})"});
    EXPECT_EQ(outcome.status, 400);
    EXPECT_EQ(outcome.faults,
              (Faults{"/path/id schema.type", "/query/limit schema.maximum",
                      "/query/sort field.required", "/header/X-Trace schema.pattern",
                      "/body/age schema.minimum", "/body/name schema.required"}));
}

TEST(Contract, KeepsTypedValuesAndDefaultsByPlace) {
    const Outcome outcome =
        check(R"({"parameters": [
        {"name": "id", "location": "path", "type": "integer", "required": true},
        {"name": "tags", "location": "query", "type": "array"},
        {"name": "limit", "location": "query", "type": "integer", "default": 20},
        {"name": "q", "location": "query", "type": "string"},
        {"name": "deep", "location": "query", "type": "boolean"}]})",
              {.query = "tags=a&deep=true&tags=b+c%26", .path_values = {{"id", "7"}}});
    ASSERT_EQ(outcome.status, 200);
    ASSERT_EQ(outcome.values.size(), 5U);
    EXPECT_EQ(*outcome.values[0], 7);
    EXPECT_EQ(*outcome.values[1], json(R"(["a", "b c&"])"));
    EXPECT_EQ(*outcome.values[2], 20);
    EXPECT_FALSE(outcome.values[3]);
    EXPECT_EQ(*outcome.values[4], true);
}

TEST(Contract, TellsAnEmptyValueFromAnAbsentOne) {
    constexpr std::string_view kApi = R"({"parameters": [
        {"name": "q", "location": "query", "type": "string", "required": true},
        {"name": "n", "location": "query", "type": "integer", "allow_empty_value": true}]})";
    EXPECT_EQ(check(kApi, {.query = "q="}).status, 200);
    EXPECT_EQ(check(kApi, {.query = "q"}).status, 200);
    EXPECT_EQ(check(kApi, {.query = "n=1"}).faults, Faults{"/query/q field.required"});
    EXPECT_EQ(check(kApi, {.query = "q=&n="}).status, 200);
    EXPECT_EQ(check(R"({"parameters": [{"name": "n", "location": "query", "type": "integer"}]})",
                    {.query = "n="})
                  .faults,
              Faults{"/query/n schema.type"});
}

TEST(Contract, IgnoresHeadersThatOtherRulesGovern) {
    EXPECT_EQ(check(R"({"parameters": [
        {"name": "Authorization", "location": "header", "type": "string", "required": true}]})",
                    {})
                  .status,
              200);
}

TEST(Contract, JoinsRepeatedHeadersOfAnArray) {
    const Outcome outcome = check(R"({"parameters": [{"name": "X-Ids", "location": "header",
        "type": "array", "schema": {"type": "array", "items": {"type": "integer"}}}]})",
                                  {.headers = {{"X-Ids", "1,2"}, {"x-ids", "3"}}});
    ASSERT_EQ(outcome.status, 200);
    EXPECT_EQ(*outcome.values[0], json("[1, 2, 3]"));
}

constexpr std::string_view kPetApi = R"({"body": {"required": true, "content": {
    "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}},
    "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Pet"}},
    "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Pet"}},
    "image/*": {"schema": {"type": "string", "format": "binary"}}}}})";

TEST(Contract, AcceptsDeclaredMediaTypesOnly) {
    const std::string pet = R"({"name": "Milo"})";
    const auto status = [&](std::string type, std::string body) {
        return check(kPetApi, {.method = "POST",
                               .headers = {{"Content-Type", std::move(type)}},
                               .body = std::move(body)})
            .status;
    };
    EXPECT_EQ(status("application/json", pet), 200);
    EXPECT_EQ(status("Application/JSON; charset=\"UTF-8\"; v=2", pet), 200);
    EXPECT_EQ(status("application/json; charset=latin1", pet), 415);
    EXPECT_EQ(status("application/xml", "<pet/>"), 415);
    EXPECT_EQ(status("json", pet), 415);
    EXPECT_EQ(status("image/png", "\x89PNG"), 200);
    const Outcome missing = check(kPetApi, {.method = "POST", .body = pet});
    EXPECT_EQ(missing.status, 415);
    EXPECT_NE(missing.detail.find("application/json"), std::string::npos);
}

TEST(Contract, RefusesACompressedBodyItMustRead) {
    EXPECT_EQ(check(kPetApi, {.headers = {{"Content-Type", "application/json"},
                                          {"Content-Encoding", "gzip"}},
                              .body = "x"})
                  .status,
              415);
}

TEST(Contract, KeepsTheBodyForTheBackend) {
    const Outcome outcome = check(kPetApi, {.headers = {{"Content-Type", "application/json"}},
                                            .body = R"({"name":"Milo","age":3})"});
    EXPECT_EQ(outcome.passed_on, R"({"name":"Milo","age":3})");
    EXPECT_EQ(*outcome.body, json(R"({"name": "Milo", "age": 3})"));
}

TEST(Contract, SaysWhereJsonIsBroken) {
    const Outcome outcome = check(kPetApi, {.headers = {{"Content-Type", "application/json"}},
                                            .body = R"({"name": "Milo",})"});
    EXPECT_EQ(outcome.status, 400);
    ASSERT_EQ(outcome.faults.size(), 1U);
    EXPECT_TRUE(outcome.faults.front().starts_with("/body"));
}

TEST(Contract, ReadsFormsWithTheTypesOfTheSchema) {
    const LooseRequest request{.headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = "name=Milo+the+dog&age=3&tags=a&tags=b&other=1"};
    const Outcome outcome = check(kPetApi, request);
    EXPECT_EQ(outcome.status, 200);
    EXPECT_TRUE(data::equal(*outcome.body, json(R"({"other": "1", "name": "Milo the dog", "age": 3,
                                                     "tags": ["a", "b"]})")));
    LooseRequest wrong = request;
    wrong.body = "age=old";
    EXPECT_EQ(check(kPetApi, wrong).faults,
              (Faults{"/body/age schema.type", "/body/name schema.required"}));
}

TEST(Contract, ChecksMultipartFieldsByName) {
    const auto request = [](std::string field) {
        return LooseRequest{
            .headers = {{"Content-Type", "multipart/form-data; boundary=\"b-1\""}},
            .body = "--b-1\r\nContent-Disposition: form-data; filename=\"a;b\"; name=\"" + field +
                    "\"\r\n\r\n\x01\x02\r\n--b-1--\r\n"};
    };
    EXPECT_EQ(check(kPetApi, request("name")).status, 200);
    EXPECT_EQ(check(kPetApi, request("other")).faults, Faults{"/body/name field.required"});
    LooseRequest broken = request("name");
    broken.body.resize(broken.body.size() - 6);
    EXPECT_EQ(check(kPetApi, broken).faults, Faults{"/body body.malformed"});
}

TEST(Contract, RefusesWhatIsLargerThanTheServiceAllows) {
    EXPECT_EQ(check("{}", {.body = std::string(11, 'x')}, 10).status, 413);
    EXPECT_EQ(check("{}", {.body = std::string(10, 'x')}, 10).status, 200);
    const LooseRequest chunked{.headers = {{"Content-Type", "application/json"}},
                               .body = R"({"name": "longer than ten bytes"})",
                               .is_chunked = true};
    EXPECT_EQ(check(kPetApi, chunked, 10).status, 413);
}

TEST(Contract, CutsAStreamAtTheLimit) {
    auto contract = Contract::build(Json::object(), kRoot);
    LooseExchange loose({.body = std::string(20, 'x'), .is_chunked = true});
    loose.service.body_limit = 10;
    ASSERT_TRUE(run(contract->check(loose.exchange)).proceeds());
    http::BodyReader* body = loose.exchange.body();
    EXPECT_TRUE(run(body->read()));
    const auto second = run(body->read());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::RequestBodyTooLarge);
}

TEST(Contract, RequiresABodyWhenTheApiDoes) {
    EXPECT_EQ(check(kPetApi, {.method = "POST"}).faults, Faults{"/body field.required"});
}

constexpr std::string_view kFieldsApi = R"({"parameters": [
    {"name": "name", "location": "body", "type": "string", "required": true},
    {"name": "age", "location": "body", "type": "integer", "default": 1}]})";

TEST(Contract, ChecksBodyParametersAsFieldsOfJsonOrForm) {
    const auto faults = [](std::string type, std::string body) {
        return check(kFieldsApi,
                     {.headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)})
            .faults;
    };
    EXPECT_EQ(faults("application/json", R"({"name": "Milo", "age": 2})"), Faults{});
    EXPECT_EQ(faults("application/x-www-form-urlencoded", "name=Milo&age=2"), Faults{});
    EXPECT_EQ(faults("application/json", R"({"age": "2"})"),
              (Faults{"/body/name field.required", "/body/age schema.type"}));
    EXPECT_EQ(faults("application/x-www-form-urlencoded", "name=Milo&age=two"),
              Faults{"/body/age schema.type"});
    EXPECT_EQ(faults("application/json", "[1]"), Faults{"/body schema.type"});
    EXPECT_EQ(check(kFieldsApi, {}).faults, Faults{"/body/name field.required"});
    EXPECT_EQ(check(kFieldsApi, {.headers = {{"Content-Type", "text/plain"}}, .body = "x"}).status,
              415);
}

TEST(Contract, PointsAtTheBrokenSchemaOfADefinition) {
    const auto contract = Contract::build(json(R"({"parameters": [
        {"name": "a", "location": "query", "type": "string"},
        {"name": "b", "location": "query", "type": "string",
         "schema": {"$ref": "#/components/schemas/Nowhere"}}]})"),
                                          kRoot);
    ASSERT_FALSE(contract);
    ASSERT_FALSE(contract.error().faults.empty());
    EXPECT_TRUE(contract.error().faults.front().pointer.starts_with("/parameters/1/schema"))
        << contract.error().faults.front().pointer;
}

}  // namespace
}  // namespace lintel::gateway
