#include "openapi/write.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "data/yaml.h"
#include "openapi/read.h"

namespace lintel::openapi {
namespace {

using data::Json;

void expect_same(const Operation& back, const Operation& written) {
    EXPECT_EQ(back.method, written.method);
    EXPECT_EQ(back.path, written.path);
    EXPECT_EQ(back.operation_id, written.operation_id);
    EXPECT_EQ(back.summary, written.summary);
    EXPECT_EQ(back.description, written.description);
    EXPECT_EQ(back.tag, written.tag);
    EXPECT_EQ(back.deprecated, written.deprecated);
    EXPECT_EQ(back.parameters, written.parameters) << written.path;
    EXPECT_EQ(back.body, written.body) << written.path;
    EXPECT_EQ(back.responses, written.responses) << written.path;
    EXPECT_EQ(back.error_codes, written.error_codes) << written.path;
    EXPECT_EQ(back.auth, written.auth);
    EXPECT_EQ(back.extension, written.extension);
}

Parameter parameter(std::string name, Location location, std::string_view schema,
                    data::ParameterStyle style, bool explode) {
    Parameter result;
    result.name = std::move(name);
    result.location = location;
    result.required = location == Location::Path;
    result.schema = *data::parse_json(schema);
    result.type = data::find_string(result.schema, "type");
    result.style = style;
    result.explode = explode;
    return result;
}

Operation full_operation() {
    using enum data::ParameterStyle;
    Operation operation;
    operation.method = "POST";
    operation.path = "/pets/{id}/files/{rest+}";
    operation.operation_id = "addFile";
    operation.summary = "Add a file";
    operation.description = "Two\nlines: yes";
    operation.tag = "files";
    operation.deprecated = true;
    operation.parameters = {
        parameter("id", Location::Path, R"({"type":"integer","minimum":1})", Simple, false),
        parameter("rest", Location::Path, R"({"type":"string"})", Simple, false),
        parameter("ids", Location::Query, R"({"type":"array","items":{"type":"integer"}})",
                  PipeDelimited, false),
        parameter("filter", Location::Query, R"({"type":"object"})", DeepObject, true),
        parameter("json", Location::Query, R"({"type":"object"})", Json, false),
        parameter("X-Trace", Location::Header, R"({"type":"string"})", Simple, true)};
    operation.parameters[2].default_value = *data::parse_json("[1,2]");
    operation.parameters[2].schema["default"] = *data::parse_json("[1,2]");
    operation.parameters[2].example = *data::parse_json("[3]");
    operation.parameters[5].description = "D";
    RequestBody body{true, "the file", {}};
    body.content.push_back({"application/json",
                            *data::parse_json(R"j({"$ref":"#/components/schemas/Pet"})j"),
                            *data::parse_json(R"({"name":"x"})")});
    body.content.push_back({"application/octet-stream", Json::object(), std::nullopt});
    operation.body = body;
    operation.responses = {{"201", "made", "application/json",
                            *data::parse_json(R"j({"$ref":"#/components/schemas/Pet"})j"),
                            *data::parse_json(R"({"name":"y"})")},
                           {"404", "", "", Json::object(), std::nullopt}};
    operation.error_codes = {{"E1001", "no space", "The disk is full."}};
    operation.auth = AuthChoice::Hmac;
    operation.extension = *data::parse_json(R"({"backend":{"kind":"mock"}})");
    return operation;
}

Document full_document() {
    Document document;
    document.title = "Pets";
    document.description = "About pets";
    document.version = "3";
    document.servers = {{"https://pets-release.example.com", "release"}};
    document.tags = {{"files", "Files"}};
    document.components = *data::parse_json(
        R"({"schemas":{"Pet":{"type":"object","properties":{"name":{"type":"string"}}}}})");
    document.operations = {full_operation()};
    for (const AuthChoice auth : {AuthChoice::None, AuthChoice::Basic, AuthChoice::OAuth2}) {
        Operation operation;
        operation.method = "GET";
        operation.path = fmt::format("/auth/{}", static_cast<int>(auth));
        operation.auth = auth;
        operation.responses = {{"200", "ok", "", Json::object(), std::nullopt}};
        document.operations.push_back(operation);
    }
    return document;
}

TEST(Export, ReadsBackToTheSameOperations) {
    const Document document = full_document();
    for (const std::string& text :
         {data::dump(write(document, {true})), data::to_yaml(write(document, {true}))}) {
        const auto back = read(text, Format::Yaml);
        ASSERT_TRUE(back) << back.error().message;
        ASSERT_EQ(back->document.operations.size(), document.operations.size());
        for (std::size_t i = 0; i < document.operations.size(); ++i) {
            expect_same(back->document.operations[i], document.operations[i]);
        }
        EXPECT_TRUE(data::equal(back->document.components, document.components));
        EXPECT_TRUE(back->warnings.empty());
    }
}

TEST(Export, ShowsBackendsOnlyToMembers) {
    const std::string text = data::dump(write(full_document()));
    EXPECT_EQ(text.find("x-lintel"), std::string::npos);
    EXPECT_EQ(text.find("mock"), std::string::npos);
}

TEST(Export, DescribesTheThreeWaysOfAuthentication) {
    Document document = full_document();
    document.token_url = "https://pets-release.example.com/-/oauth2/token";
    const Json file = write(document);
    const Json& schemes = file["components"]["securitySchemes"];
    EXPECT_EQ(schemes["basicAuth"]["scheme"], "basic");
    EXPECT_EQ(schemes["oauth2"]["flows"]["clientCredentials"]["tokenUrl"], document.token_url);
    EXPECT_EQ(schemes["hmac"]["name"], "X-HMAC-SIGNATURE");
    EXPECT_EQ(file["paths"]["/auth/0"]["get"]["security"], Json::array());
}

TEST(Export, IsValidWithoutAnyApi) {
    Document document;
    document.title = "Empty";
    EXPECT_EQ(data::dump(write(document)),
              R"({"openapi":"3.0.0","info":{"title":"Empty","version":"1"},)"
              R"("servers":[{"url":"/"}],"paths":{}})");
}

}  // namespace
}  // namespace lintel::openapi
