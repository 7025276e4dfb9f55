#include "openapi/read.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "data/yaml.h"

namespace lintel::openapi {
namespace {

using data::Json;

/// A document around `paths` (flow YAML) and further top-level members.
std::string file(std::string_view paths, std::string_view more = "") {
    return fmt::format("openapi: 3.0.0\ninfo: {{title: T, version: '1'}}\npaths: {}\n{}\n", paths,
                       more);
}

ImportResult imported(std::string_view text, const ImportOptions& options = {}) {
    auto result = read(text, Format::Yaml, options);
    EXPECT_TRUE(result) << text << "\n" << (result ? "" : result.error().message);
    return result ? *std::move(result) : ImportResult{};
}

/// "pointer code" of every fault, or "imported".
std::string refusal(std::string_view text, const ImportOptions& options = {},
                    Format format = Format::Yaml) {
    const auto result = read(text, format, options);
    if (result) { return "imported"; }
    std::string all;
    for (const Fault& fault : result.error().faults) {
        EXPECT_FALSE(fault.detail.empty());
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", fault.pointer, fault.code);
    }
    return all;
}

std::string warnings(const ImportResult& result) {
    std::string all;
    for (const Fault& warning : result.warnings) {
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", warning.pointer, warning.code);
    }
    return all;
}

constexpr std::string_view kOk = "responses: {200: {description: ok}}";

std::string one(std::string_view members) {
    return file(fmt::format("{{/a: {{get: {{{}, {}}}}}}}", members, kOk));
}

TEST(Import, ReadsYamlAndJsonToTheSame) {
    const std::string yaml =
        file("{'/a/{id}': {get: {summary: S, tags: [t], responses: {200: {description: ok}}}}}",
             "servers: [{url: 'https://{h}:8443/base/', variables: {h: {default: example.com}}}]");
    const ImportResult from_yaml = imported(yaml);
    const auto from_json = read(data::dump(*data::parse_yaml(yaml)), Format::Json);
    ASSERT_TRUE(from_json);
    for (const ImportResult* result : {&from_yaml, &*from_json}) {
        const Document& document = result->document;
        EXPECT_EQ(document.title, "T");
        ASSERT_EQ(document.operations.size(), 1U);
        EXPECT_EQ(document.operations[0].name(), "S");
        EXPECT_EQ(document.operations[0].pointer, "/paths/~1a~1{id}/get");
        EXPECT_EQ(document.servers.at(0).url, "https://example.com:8443/base/");
        EXPECT_EQ(document.tags.at(0).name, "t");
        EXPECT_EQ(warnings(*result), "/paths/~1a~1{id}/get openapi.parameter_undeclared");
    }
}

TEST(Import, TakesAFileOfTheLimitAndRefusesOneByteMoreBeforeParsing) {
    std::string text = one("summary: x");
    text += "#" + std::string(102'400 - text.size() - 1, 'x');
    EXPECT_EQ(refusal(text), "imported");
    const auto larger = read(text + "x", Format::Yaml);
    ASSERT_FALSE(larger);
    EXPECT_EQ(larger.error().code, Code::FileTooLarge);
    EXPECT_NE(larger.error().message.find("import.max_bytes"), std::string::npos);
    EXPECT_EQ(read(std::string(200'000, '['), Format::Yaml).error().code, Code::FileTooLarge);
}

TEST(Import, HoldsTheChosenFormat) {
    const std::string yaml = one("summary: x");
    EXPECT_EQ(refusal(yaml, {}, Format::Json), " json.malformed");
    EXPECT_NE(read(yaml, Format::Json).error().message.find("choose that format"),
              std::string::npos);
    const std::string json = data::dump(*data::parse_yaml(yaml));
    EXPECT_EQ(refusal(json, {}, Format::Yaml), "imported");
    EXPECT_EQ(refusal("\xEF\xBB\xBF" + json, {}, Format::Json), "imported");
    EXPECT_EQ(refusal("\xEF\xBB\xBF" + yaml), "imported");
    EXPECT_EQ(refusal("{\"openapi\": \"3.0.0\", \"openapi\": \"3.0.0\"}", {}, Format::Json),
              " json.malformed");
    EXPECT_EQ(refusal(""), " openapi.empty");
    EXPECT_EQ(refusal("[]"), " openapi.type");
}

TEST(Import, NamesTheVersionItFound) {
    EXPECT_EQ(refusal("swagger: '2.0'\n"), "/swagger openapi.version");
    EXPECT_EQ(refusal("openapi: 3.1.0\n"), "/openapi openapi.version");
    EXPECT_EQ(refusal("openapi: 3.0\n"), "/openapi openapi.version_number");
    EXPECT_EQ(refusal("info: {title: x}\n"), " openapi.version");
    EXPECT_NE(read("openapi: 3.1.0\n", Format::Yaml).error().message.find("3.1.0"),
              std::string::npos);
}

TEST(Import, TellsWhatIsMissing) {
    EXPECT_EQ(refusal("openapi: 3.0.0\n"), "/info/title openapi.title, /paths openapi.no_paths");
    EXPECT_EQ(refusal(file("{}")), "/paths openapi.no_paths");
    EXPECT_EQ(refusal(file("{/a: {options: {}, trace: {}}}")), "/paths openapi.no_operations");
    EXPECT_EQ(refusal("openapi: 3.0.0\npaths: {/a: {get: {}}}\n", {.service_name = "N"}),
              "imported");
    EXPECT_EQ(imported(one("x-a: 1"), {.service_name = "N"}).document.title, "N");
}

TEST(Import, LeavesOptionsAndTraceOutWithAWarning) {
    const ImportResult result = imported(file("{/a: {get: {}, options: {}, trace: {}}}"));
    EXPECT_EQ(result.document.operations.size(), 1U);
    EXPECT_EQ(warnings(result),
              "/paths/~1a/options openapi.method_skipped, /paths/~1a/trace openapi.method_skipped");
}

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

TEST(Import, RefusesReferencesThatLeaveTheFile) {
    for (const std::string_view target :
         {"other.yaml#/a", "http://127.0.0.1:1/x.json", "file:///etc/passwd", "./x"}) {
        EXPECT_EQ(refusal(one(fmt::format(
                      "parameters: [{{name: a, in: query, schema: {{$ref: '{}'}}}}]", target))),
                  "/paths/~1a/get/parameters/0/schema/$ref openapi.ref_outside");
    }
    EXPECT_EQ(refusal(file("{/a: {get: {}}}",
                           "components: {schemas: {Unused: {items: {$ref: 'x.json'}}}}")),
              "/components/schemas/Unused/items/$ref openapi.ref_outside");
    EXPECT_EQ(refusal(file("{/a: {$ref: 'b.yaml'}}")),
              "/paths/~1a/$ref openapi.ref_outside, /paths openapi.no_operations");
    EXPECT_EQ(
        refusal(file("{/a: {get: {}}}", "components: {schemas: {A: {example: {$ref: 'x.json'}}}}")),
        "imported");
}

TEST(Import, EndsOnReferenceCycles) {
    EXPECT_EQ(refusal(file("{/a: {get: {parameters: [{$ref: '#/components/parameters/A'}]}}}",
                           "components: {parameters: {A: {$ref: '#/components/parameters/B'}, B: "
                           "{$ref: '#/components/parameters/A'}}}")),
              "/paths/~1a/get/parameters/0 openapi.ref_cycle");
    EXPECT_EQ(
        refusal(file("{/a: {get: {parameters: [{name: x, in: query, schema: {$ref: "
                     "'#/components/schemas/A'}}]}}}",
                     "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}")),
        "/components/schemas/A schema.loop");
    const ImportResult tree =
        imported(file("{/a: {post: {requestBody: {content: {application/json: {schema: {$ref: "
                      "'#/components/schemas/N'}}}}}}}",
                      "components: {schemas: {N: {properties: {next: {$ref: "
                      "'#/components/schemas/N'}}}, Unused: {}}}"));
    EXPECT_EQ(data::dump(tree.document.components),
              R"({"schemas":{"N":{"properties":{"next":{"$ref":"#/components/schemas/N"}}}}})");
}

TEST(Import, LeadsEveryReferenceToComponents) {
    const ImportResult result = imported(file(
        R"({/a: {post: {requestBody: {content: {application/json: {schema:
            {$ref: '#/components/schemas/A%3CB%3E'}}}},
           responses: {200: {description: ok,
            content: {application/json: {schema:
            {$ref: '#/paths/~1a/post/requestBody/content/application~1json/schema'}}}}}}}})",
        "components: {schemas: {'A<B>': {type: object, properties: {c: {$ref: "
        "'#/components/schemas/A%3CB%3E/properties/d'}, d: {type: string}}}}}"));
    const Operation& operation = result.document.operations.at(0);
    EXPECT_EQ(data::dump(operation.body->content.at(0).schema),
              R"({"$ref":"#/components/schemas/A_B_"})");
    const std::string reference(data::find_string(operation.responses.at(0).schema, "$ref"));
    const data::Json root{{"components", result.document.components}};
    EXPECT_NE(data::resolve_pointer(root, reference.substr(1)), nullptr) << reference;
    EXPECT_EQ(data::find_string(
                  *data::resolve_pointer(root, "/components/schemas/A_B_/properties/c"), "$ref"),
              "#/components/schemas/A_B_/properties/d");
}

TEST(Import, TreatsPathsAsSettled) {
    EXPECT_EQ(refusal(file("{'/a/{x}': {get: {}}, '/a/{y}': {get: {}, post: {}}}")),
              "/paths/~1a~1{y}/get openapi.duplicate");
    EXPECT_EQ(refusal(file("{'/a/{x}': {get: {}}, '/a/{y}': {post: {}}}")), "imported");
    EXPECT_EQ(refusal(file("{'/f.{x}': {get: {}}, '/{a}:{b}': {get: {}}, '/d/{rest+}': {get: {}}, "
                           "/p/*: {get: {}}}")),
              "imported");
    EXPECT_EQ(refusal(file("{'/a/{x': {get: {}}}")),
              "/paths/~1a~1{x openapi.path, /paths openapi.no_operations");
    EXPECT_EQ(refusal(file("{'/{x+}/a': {get: {}}, /b: {get: {}}}")),
              "/paths/~1{x+}~1a openapi.path");
    EXPECT_EQ(refusal(file("{'/{x}/{x}': {get: {}}, /b: {get: {}}}")),
              "/paths/~1{x}~1{x} openapi.path");
    EXPECT_EQ(refusal(file("{a: {get: {}}, /b: {get: {}}}")), "/paths/a openapi.path");
    const ImportResult result =
        imported(file("{'/a?x=1': {get: {}}, '/a#b': {get: {}}, '/a b': {get: {}}, /-/x: {get: "
                      "{}}, /ok: {get: {}}}"));
    EXPECT_EQ(result.document.operations.size(), 1U);
    EXPECT_EQ(result.warnings.size(), 4U);
    EXPECT_EQ(refusal(file("{'/a#b': {get: {}}}")), "/paths openapi.no_operations");
}

TEST(Import, BoundsTheNumberOfOperations) {
    std::string paths = "{";
    for (int i = 0; i < 200; ++i) {
        paths += fmt::format("/p{}: {{get: {{}}}},", i);
    }
    EXPECT_EQ(imported(file(paths + "}")).document.operations.size(), 200U);
    EXPECT_EQ(refusal(file(paths + "/more: {get: {}}}")), "/paths openapi.too_many_operations");
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

TEST(AbsoluteServer, TakesHttpAndHttpsOnly) {
    const auto address = absolute_server("HTTPS://Example.com:8443/Base/?x#y");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->scheme, "https");
    EXPECT_EQ(address->base_url, "https://example.com:8443");
    EXPECT_EQ(address->path, "/Base");
    for (const std::string_view url :
         {"/v1", "", "ws://a", "https://", "https://u@h/", "https://{host}/"}) {
        EXPECT_FALSE(absolute_server(url)) << url;
    }
}

TEST(Import, AnswersHostileFilesQuickly) {
    const auto begin = std::chrono::steady_clock::now();
    std::string deep =
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {get: {parameters: [{name: a, in: query, "
        "schema: ";
    for (int i = 0; i < 10'000; ++i) {
        deep += "{items: ";
    }
    EXPECT_EQ(refusal(deep), " yaml.malformed");
    std::string wide;
    for (int i = 0; i < 4'000; ++i) {
        wide += fmt::format("p{}: {{$ref: '#/components/schemas/A'}},", i);
    }
    EXPECT_EQ(
        refusal(file("{/a: {get: {parameters: [{name: x, in: query, schema: {$ref: "
                     "'#/components/schemas/A'}}]}}}",
                     fmt::format("components: {{schemas: {{A: {{properties: {{{}}}}}}}}}", wide)),
                {.max_bytes = 1 << 20}),
        "imported");
    std::string doubling;
    for (int i = 0; i < 60; ++i) {
        doubling += fmt::format(
            "a{0}: {{allOf: [{{$ref: '#/components/schemas/a{1}'}}, {{$ref: "
            "'#/components/schemas/a{1}'}}]}},",
            i, i + 1);
    }
    std::string uses;
    for (int i = 0; i < 30; ++i) {
        uses += fmt::format(
            "{{name: q{}, in: query, schema: {{$ref: '#/components/schemas/a0'}}}},", i);
    }
    EXPECT_EQ(refusal(file(
                  fmt::format("{{/a: {{get: {{parameters: [{}]}}}}}}", uses),
                  fmt::format("components: {{schemas: {{{} a60: {{type: string}}}}}}", doubling))),
              "imported");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace lintel::openapi
