#include "openapi/read.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>

#include "data/json.h"
#include "data/yaml.h"
#include "openapi/read_file_test.h"

namespace lintel::openapi {
namespace {

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
