#include "openapi/read.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>

#include "data/json.h"
#include "openapi/read_file_test.h"

namespace lintel::openapi {
namespace {

TEST(Import, NamesAnApiBySummaryThenIdThenPath) {
    EXPECT_EQ(imported(one("summary: S, operationId: O")).document.operations[0].name(), "S");
    EXPECT_EQ(imported(one("operationId: O")).document.operations[0].name(), "O");
    EXPECT_EQ(imported(one("x-a: 1")).document.operations[0].name(), "GET /a");
}

TEST(Import, ReadsParametersOfPathAndOperation) {
    const ImportResult result =
        imported(file(R"({'/a/{id}': {
        parameters: [{name: id, in: path, required: true, schema: {type: integer}}, {name: q,
            in: query, schema: {type: string}}],
        get: {parameters: [{$ref: '#/components/parameters/Limit'}, {name: q, in: query,
            required: true, schema: {type: array, items: {type: string}}},
          {name: f, in: query, style: deepObject, schema: {type: object}}, {name: c,
            in: cookie, schema: {}},
          {name: Content-Type, in: header, schema: {type: string}}, {name: J, in: header,
            content: {application/json: {schema: {type: object}}}}]}}})",
                      "components: {parameters: {Limit: {name: limit, in: query, description: D, "
                      "allowEmptyValue: true, example: 7, explode: false, schema: {type: integer, "
                      "default: 20}}}}"));
    const auto& parameters = result.document.operations.at(0).parameters;
    ASSERT_EQ(parameters.size(), 5U);
    EXPECT_EQ(parameters[0].name, "limit");
    EXPECT_EQ(parameters[0].type, "integer");
    EXPECT_EQ(*parameters[0].default_value, 20);
    EXPECT_EQ(*parameters[0].example, 7);
    EXPECT_EQ(parameters[0].description, "D");
    EXPECT_TRUE(parameters[0].allow_empty);
    EXPECT_FALSE(parameters[0].explode);
    EXPECT_EQ(parameters[1].name, "q");
    EXPECT_EQ(parameters[1].type, "array");
    EXPECT_TRUE(parameters[1].required);
    EXPECT_EQ(parameters[2].style, data::ParameterStyle::DeepObject);
    EXPECT_EQ(parameters[3].style, data::ParameterStyle::Json);
    EXPECT_EQ(parameters[4].name, "id");
    EXPECT_EQ(parameters[4].location, Location::Path);
    EXPECT_EQ(warnings(result),
              "/paths/~1a~1{id}/get/parameters/3 openapi.cookie_parameter, "
              "/paths/~1a~1{id}/get/parameters/4 openapi.reserved_header");
}

TEST(Import, SkipsAnOperationWithMoreThanThirtyParameters) {
    std::string list;
    for (int i = 0; i < 30; ++i) {
        list += fmt::format("{{name: p{}, in: query, schema: {{}}}},", i);
    }
    EXPECT_EQ(imported(file(fmt::format("{{/a: {{get: {{parameters: [{}]}}}}}}", list)))
                  .document.operations.size(),
              1U);
    list += "{name: p30, in: query, schema: {}}";
    const ImportResult result =
        imported(file(fmt::format("{{/a: {{get: {{parameters: [{}]}}, post: {{}}}}}}", list)));
    ASSERT_EQ(result.document.operations.size(), 1U);
    EXPECT_EQ(result.document.operations[0].method, "POST");
    EXPECT_EQ(warnings(result), "/paths/~1a/get openapi.too_many_parameters");
}

TEST(Import, RefusesFaultyParametersAllAtOnce) {
    EXPECT_EQ(refusal(one("parameters: [{in: query}, {name: a, in: body}, 5, {name: b, in: query, "
                          "schema: {type: text}}, {$ref: '#/nowhere'}]")),
              "/paths/~1a/get/parameters/0 openapi.parameter_name, /paths/~1a/get/parameters/1/in "
              "openapi.parameter_in, "
              "/paths/~1a/get/parameters/2 openapi.type, /paths/~1a/get/parameters/3/schema/type "
              "schema.invalid, "
              "/paths/~1a/get/parameters/4/$ref openapi.ref_missing");
}

TEST(Import, ReadsBodiesWholeAndAddsNothing) {
    const ImportResult result =
        imported(file(R"({/a: {post: {requestBody: {required: true, description: D, content: {
        text/plain: {}, 'Application/JSON; charset=utf-8': {example: {a: 1},
            schema: {type: object, required: [a], properties: {a: {type: integer}}}},
        multipart/form-data: {schema: {type: object}}}}}}})"));
    const RequestBody& body = *result.document.operations.at(0).body;
    EXPECT_TRUE(body.required);
    ASSERT_EQ(body.content.size(), 3U);
    EXPECT_EQ(body.structured()->type, "application/json");
    EXPECT_EQ(data::dump(*body.structured()->example), R"({"a":1})");
    EXPECT_TRUE(result.document.operations.at(0).parameters.empty());
    EXPECT_EQ(
        refusal(file(
            "{/a: {post: {requestBody: {content: {application/json: {schema: {type: 5}}}}}}}")),
        "/paths/~1a/post/requestBody/content/application~1json/schema/type schema.invalid");
}

TEST(Import, ChoosesTheSuccessResponse) {
    const auto success = [](std::string_view responses) {
        const ImportResult result =
            imported(file(fmt::format("{{/a: {{get: {{responses: {}}}}}}}", responses)));
        const Response* found = result.document.operations.at(0).success();
        return found == nullptr
                   ? std::string("none")
                   : found->status + (found->example ? " " + data::dump(*found->example) : "");
    };
    EXPECT_EQ(success("{404: {description: x}, 201: {description: x}, 200: {description: x}}"),
              "200");
    EXPECT_EQ(
        success("{200: {description: x}, 202: {description: x, content: {a/b: {example: 7}}}}"),
        "202 7");
    EXPECT_EQ(success("{2xx: {description: x}, 204: {description: x}}"), "204");
    EXPECT_EQ(success("{default: {description: x}}"), "none");
    EXPECT_EQ(success("{200: {description: x, content: {a/b: {examples: {one: {value: [1]}}}}}}"),
              "200 [1]");
    EXPECT_EQ(
        success("{200: {description: x, content: {a/b: {schema: {type: string, example: e}}}}}"),
        "200 \"e\"");
}

TEST(Import, TellsOfFaultyResponseSchemasWithoutRefusing) {
    const ImportResult result =
        imported(file("{/a: {get: {responses: {200: {description: x, content: {application/json: "
                      "{schema: {type: text}}}}}}}}"));
    EXPECT_EQ(warnings(result),
              "/paths/~1a/get/responses/200/content/application~1json/schema/type schema.invalid");
}

TEST(Import, TakesAFaultOfASharedSchemaSeriouslyWhereItIsEnforced) {
    EXPECT_EQ(refusal(file(
                  R"({/a: {get: {responses: {200: {description: x,
            content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}},
        post: {requestBody: {content: {application/json: {schema:
            {$ref: '#/components/schemas/S'}}}}}}})",
                  "components: {schemas: {S: {type: text}}}")),
              "/components/schemas/S/type schema.invalid");
}

TEST(Import, WarnsOfPatternsItCannotRun) {
    const ImportResult result = imported(
        one("parameters: [{name: a, in: query, schema: {type: string, pattern: '^(?=x)'}}]"));
    EXPECT_EQ(warnings(result), "/paths/~1a/get/parameters/0/schema/pattern schema.pattern");
}

TEST(Import, ChoosesAuthenticationAsSettled) {
    constexpr std::string_view kSchemes =
        R"(components: {securitySchemes: {basic: {type: http, scheme: Basic},
            bearer: {type: http, scheme: bearer},
        oauth: {type: oauth2, flows: {}}, key: {type: apiKey, in: header, name: X-Key},
            sig: {type: apiKey, in: header, name: X-HMAC-SIGNATURE},
        marked: {type: apiKey, in: header, name: X-S, x-auth: hmac}}})";
    const auto choice = [&](std::string_view security) {
        const ImportResult result =
            imported(file(fmt::format("{{/a: {{get: {{security: {}}}}}}}", security), kSchemes));
        constexpr std::array<std::string_view, 4> kNames = {"none", "basic", "oauth2", "hmac"};
        return fmt::format(
            "{} {}", kNames.at(static_cast<std::size_t>(result.document.operations.at(0).auth)),
            warnings(result));
    };
    EXPECT_EQ(choice("[]"), "none ");
    EXPECT_EQ(choice("[{}]"), "none ");
    EXPECT_EQ(choice("[{basic: []}]"), "basic ");
    EXPECT_EQ(choice("[{oauth: []}]"), "oauth2 ");
    EXPECT_EQ(choice("[{sig: []}]"), "hmac ");
    EXPECT_EQ(choice("[{marked: []}]"), "hmac ");
    EXPECT_EQ(choice("[{key: []}]"), "basic /paths/~1a/get/security openapi.security_unknown");
    EXPECT_EQ(choice("[{nowhere: []}]"), "basic /paths/~1a/get/security openapi.security_unknown");
    EXPECT_EQ(choice("[{key: []}, {oauth: []}]"),
              "oauth2 /paths/~1a/get/security openapi.security_alternatives");
    EXPECT_EQ(choice("[{}, {sig: []}]"),
              "hmac /paths/~1a/get/security openapi.security_alternatives");
    EXPECT_EQ(choice("[{key: [], oauth: []}]"),
              "oauth2 /paths/~1a/get/security/0 openapi.security_combined");
    EXPECT_EQ(choice("[{bearer: []}, {}]"),
              "basic /paths/~1a/get/security openapi.security_unknown");
}

TEST(Import, InheritsTheSecurityOfTheDocument) {
    const ImportResult result = imported(file(
        "{/a: {get: {}, post: {security: []}}}",
        "security: [{b: []}]\ncomponents: {securitySchemes: {b: {type: http, scheme: basic}}}"));
    EXPECT_EQ(result.document.operations.at(0).auth, AuthChoice::Basic);
    EXPECT_EQ(result.document.operations.at(1).auth, AuthChoice::None);
}

TEST(Import, TakesOverBackendsOfTheTencentGateway) {
    const ImportResult result = imported(
        file(R"({/m: {get: {x-apigw-service-timeout: 20, x-apigw-backend: {ServiceType: MOCK,
          MockReturnHttpStatusCode: 202, ServiceMockReturnMessage: hi,
            MockReturnHttpHeaders: [{Name: X-A, Value: b}]}}},
        /h: {get: {x-apigw-backend: {ServiceType: HTTP,
            ServiceConfig: {Url: 'http://Example.com:81', Path: /x, Method: POST}}}},
        /s: {get: {x-apigw-cors: true, x-apigw-service-timeout: 9999,
            x-apigw-backend: {ServiceType: SCF}}}})"));
    const auto& operations = result.document.operations;
    EXPECT_EQ(operations.at(0).mock_backend, (MockBackend{202, {{"X-A", "b"}}, "hi"}));
    EXPECT_EQ(operations.at(0).timeout_ms, 20'000);
    EXPECT_EQ(operations.at(1).http_backend, (HttpBackend{"http://example.com:81", "/x", "POST"}));
    EXPECT_EQ(operations.at(2).mock_backend, MockBackend{});
    EXPECT_EQ(warnings(result),
              "/paths/~1s/get/x-apigw-service-timeout openapi.apigw_timeout, "
              "/paths/~1s/get/x-apigw-cors openapi.apigw_cors, /paths/~1s/get/x-apigw-backend "
              "openapi.apigw_backend");
}

TEST(Import, TakesServersOfAnOperationAsItsBackend) {
    const ImportResult result = imported(file(
        "{/a: {servers: [{url: 'https://b.example/v1/'}], get: {}}}", "servers: [{url: /rel}]"));
    EXPECT_EQ(result.document.operations.at(0).http_backend,
              (HttpBackend{"https://b.example", "/v1/a", ""}));
}

}  // namespace
}  // namespace lintel::openapi
