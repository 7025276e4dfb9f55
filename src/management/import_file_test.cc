#include "management/import_file.h"

#include "management/description_file.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class ImportTest : public Scenario {
protected:
    Result<Written<ImportResult>> import(std::string text, ImportRequest request = {}) {
        request.text = std::move(text);
        return import_file(*m_, caller_, request);
    }
    model::ServiceDefinition draft(const std::string& code) {
        return show_draft(*m_, caller_, code).value().definition;
    }
};

constexpr const char* kPets = R"(openapi: 3.0.0
info: {title: Pets, description: All about pets, version: "1"}
servers: [{url: "http://127.0.0.1:9000/v1"}]
paths:
  /pets/{id}:
    get:
      summary: Get pet
      tags: [Reading]
      security: [{hmac: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      responses:
        "200":
          description: fine
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Pet"}
              example: {id: 1}
        "404": {description: no such pet}
    put:
      summary: Get pet
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
      responses: {"204": {description: done}}
components:
  securitySchemes:
    hmac: {type: apiKey, in: header, name: X-HMAC-SIGNATURE}
  schemas:
    Pet: {type: object, required: [id], properties: {id: {type: integer}}}
)";

TEST_F(ImportTest, AFileBecomesAServiceWithItsApis) {
    const auto imported = import(kPets, {.code = "pets"});
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(imported->value.api_count, 2U);
    const model::ServiceDefinition definition = draft("pets");
    EXPECT_EQ(definition.name, "Pets");
    EXPECT_EQ(definition.protocol, model::Protocol::HttpAndHttps);
    const model::ApiDefinition& get = definition.apis.at(0);
    EXPECT_EQ(get.name, "Get pet");
    EXPECT_EQ(get.group, "Reading");
    EXPECT_EQ(get.auth.kind, "hmac");
    EXPECT_EQ(get.parameters.at(0).type, model::ParameterType::Integer);
    EXPECT_EQ(get.backend.kind, "http");
    EXPECT_EQ(get.backend.config["url"], "http://127.0.0.1:9000");
    EXPECT_EQ(get.backend.config["path"], "/v1/pets/{id}");
    EXPECT_EQ(get.responses.success_example, R"({"id":1})");
    EXPECT_EQ(get.responses.error_codes.at(0).code, "404");
    const model::ApiDefinition& put = definition.apis.at(1);
    EXPECT_EQ(put.name, "Get pet (2)");
    EXPECT_EQ(put.auth.kind, "none");
    EXPECT_EQ(put.responses.success_status, 204);
    ASSERT_TRUE(put.body);
    EXPECT_TRUE(put.body->required);
    EXPECT_EQ(definition.components["schemas"]["Pet"]["type"], "object");
    EXPECT_EQ(audited("service.import"), 1U);
}

TEST_F(ImportTest, MockBackendsReplaceAllOthers) {
    ASSERT_TRUE(import(kPets, {.code = "pets", .mock_backends = true}));
    for (const model::ApiDefinition& api : draft("pets").apis) {
        EXPECT_EQ(api.backend.kind, "mock");
    }
}

TEST_F(ImportTest, ATitleIsMadeUniqueAGivenNameMustBe) {
    ASSERT_TRUE(import(kPets));
    const auto second = import(kPets);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->value.service.service.name, "Pets (2)");
    EXPECT_FALSE(second->value.warnings.empty());
    EXPECT_EQ(import(kPets, {.name = "Pets"}).error().code, Code::NameTaken);
}

TEST_F(ImportTest, WhatIsRefusedCreatesNothing) {
    for (const auto& [text, code] :
         {std::pair<std::string, Code>{"", Code::FileInvalid},
          {"swagger: '2.0'", Code::FileInvalid},
          {std::string(102'401, ' '), Code::FileTooLarge},
          {"openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {}", Code::FileInvalid}}) {
        const auto refused = import(text);
        ASSERT_FALSE(refused) << text.substr(0, 50);
        EXPECT_EQ(refused.error().code, code) << refused.error().message;
    }
    const auto bad_policy =
        import(kPets, {.policies = {{.kind = "rate_limit", .config = {{"limit", 0}}}}});
    ASSERT_FALSE(bad_policy);
    EXPECT_TRUE(list_services(*m_, caller_, {}, {})->items.empty());
}

TEST_F(ImportTest, LongTextsAreCutWithAWarning) {
    const std::string text =
        "openapi: 3.0.0\ninfo: {title: " + std::string(80, 'T') +
        ", version: '1'}\npaths:\n  /a:\n    get:\n      summary: " + std::string(100, 's') +
        "\n      responses: {default: {description: x}}";
    const auto imported = import(text, {.code = "long"});
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(imported->value.service.service.name.size(), 50U);
    EXPECT_EQ(draft("long").apis.at(0).name.size(), 60U);
    EXPECT_EQ(imported->value.warnings.size(), 2U);
}

TEST_F(ImportTest, WhatIsExportedImportsAgainToTheSameApis) {
    ASSERT_TRUE(import(kPets, {.code = "pets"}));
    model::ApiDefinition rows = api("Rows", "/rows", model::Method::Post);
    rows.parameters = {{.name = "note", .location = model::Location::Body, .required = true},
                       {.name = "X-Trace", .location = model::Location::Header}};
    rows.policies = {{.kind = "rate_limit", .config = {{"limit", 7}}}};
    rows.mapping.rows = {{.location = model::Location::Header,
                          .name = "X-Caller",
                          .from = {.kind = model::MappingSource::Kind::System,
                                   .system = model::SystemValue::Caller}}};
    ASSERT_TRUE(create_api(*m_, caller_, "pets", rows, {}));
    for (const FileFormat format : {FileFormat::Yaml, FileFormat::Json}) {
        const auto file = describe_service(
            *m_, caller_, {.copy = {.service = "pets"}, .format = format, .with_backends = true});
        ASSERT_TRUE(file) << file.error().message;
        const std::string code = format == FileFormat::Json ? "again-json" : "again-yaml";
        const auto imported = import(*file, {.format = format, .code = code});
        ASSERT_TRUE(imported) << imported.error().message;
        model::ServiceDefinition before = draft("pets");
        model::ServiceDefinition after = draft(code);
        ASSERT_EQ(before.apis.size(), after.apis.size());
        for (std::size_t i = 0; i < before.apis.size(); ++i) {
            after.apis[i].id = before.apis[i].id;
            EXPECT_TRUE(data::equal(to_json(before.apis[i]), to_json(after.apis[i])))
                << data::dump(to_json(before.apis[i])) << "\n"
                << data::dump(to_json(after.apis[i]));
        }
    }
}

TEST_F(ImportTest, ACatalogueFileSaysNothingAboutBackends) {
    ASSERT_TRUE(import(kPets, {.code = "pets"}));
    ASSERT_TRUE(publish(*m_, caller_, {.service = "pets", .environments = {"test"}}));
    const auto file = describe_service(*m_, caller_, {.copy = {.service = "pets"}});
    ASSERT_TRUE(file);
    EXPECT_FALSE(file->contains("127.0.0.1:9000"));
    EXPECT_FALSE(file->contains("x-lintel"));
    EXPECT_TRUE(file->contains("http://localhost:8080/test/pets"));
}

}  // namespace
}  // namespace lintel::management
