#include <gtest/gtest.h>

#include <algorithm>

#include "model/credential.h"
#include "model/definition.h"

namespace lintel::model {
namespace {

data::Json parse(std::string_view text) {
    return data::parse_json(text).value();
}

constexpr std::string_view kFull = R"({
  "name": "Pets", "description": "d", "protocol": "HTTP", "group": "G",
  "labels": {"team": "shop"},
  "policies": [{"kind": "rate_limit", "config": {"limit": 5, "unit": "second"}}],
  "oauth2": {"token_ttl_s": 60, "allow_get": false}, "allow_encoded_slashes": true,
  "components": {"schemas": {"Pet": {"type": "object"}}},
  "api_groups": [{"id": "agr_1", "name": "Admin"}],
  "apis": [{
    "id": "api_1", "name": "Get pet", "description": "x", "group": "Admin", "method": "GET",
    "labels": {"tier": "gold", "new": ""},
    "path": "/pets/{id}", "auth": {"kind": "hmac", "config": {}},
    "parameters": [
      {"name": "id", "location": "path", "type": "integer", "required": true, "default": null,
       "example": 7, "description": "", "schema": {"type": "integer"}, "style": "simple",
       "explode": false, "allow_empty_value": false}],
    "body": {"required": true, "description": "",
             "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
    "policies": [], "backend": {"kind": "http", "config": {"url": "http://a"}},
    "mapping": {"rows": [
      {"to": {"location": "header", "name": "X-Id"},
       "from": {"parameter": {"location": "path", "name": "id"}}},
      {"to": {"location": "query", "name": "v"}, "from": {"constant": "1"}},
      {"to": {"location": "query", "name": "ip"}, "from": {"system": "client_ip"}}],
      "only_mapped": true},
    "responses": {"type": "json", "media_type": "application/json", "success_status": 200,
      "success_example": "{}", "failure_example": "", "schema": null,
      "error_codes": [{"code": "404", "message": "m", "description": "d", "converted_code": "",
                       "convert": false}]}
  }]
})";

TEST(DefinitionJson, WhatIsReadIsWrittenAgain) {
    const data::Json json = parse(kFull);
    const auto definition = service_definition_from_json(json);
    ASSERT_TRUE(definition) << definition.error().faults.at(0).pointer << " "
                            << definition.error().faults.at(0).detail;
    EXPECT_TRUE(data::equal(to_json(*definition), json)) << data::dump(to_json(*definition));
    EXPECT_EQ(service_definition_from_json(to_json(*definition)).value(), *definition);
}

TEST(DefinitionJson, WhatIsLeftOutTakesItsDefault) {
    const auto definition = service_definition_from_json(
        parse(R"({"name": "P", "apis": [{"name": "A", "method": "HEAD", "path": "/a"}]})"));
    ASSERT_TRUE(definition);
    EXPECT_EQ(definition->protocol, Protocol::HttpAndHttps);
    EXPECT_EQ(definition->group, "Default");
    EXPECT_EQ(definition->oauth2.token_ttl_s, 7200);
    EXPECT_EQ(definition->apis.at(0).auth.kind, "none");
    EXPECT_FALSE(definition->apis.at(0).backend.chosen());
    EXPECT_EQ(to_json(*definition)["apis"][0]["backend"], nullptr);
}

TEST(DefinitionJson, AllFaultsAreToldAtOnceWithTheirPlaces) {
    const auto definition = service_definition_from_json(parse(R"({
        "protocol": "FTP", "extra": 1, "oauth2": {"token_ttl_s": 59}, "apis": [
          {"name": 5, "method": "TRACE", "path": "/a",
           "parameters": [{"name": "q", "location": "cookie"}],
           "mapping": {"rows": [
               {"to": {"name": "x"}, "from": {"constant": 1, "system": "caller"}}]}}]})"));
    ASSERT_FALSE(definition);
    EXPECT_EQ(definition.error().code, Code::FieldInvalid);
    for (const char* pointer :
         {"/name", "/protocol", "/extra", "/oauth2/token_ttl_s", "/apis/0/name", "/apis/0/method",
          "/apis/0/parameters/0/location", "/apis/0/mapping/rows/0/from"}) {
        EXPECT_TRUE(std::ranges::any_of(definition.error().faults, [&](const Fault& f) {
            return f.pointer == pointer;
        })) << pointer;
    }
}

TEST(DefinitionJson, LabelsAreTexts) {
    const auto good = service_definition_from_json(
        parse(R"({"name": "pets", "labels": {"team": "shop", "new": null}})"));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->labels, (Labels{{"team", "shop"}, {"new", ""}}));
    const auto bad =
        service_definition_from_json(parse(R"({"name": "pets", "labels": {"team": "a", "x": 5}})"));
    ASSERT_FALSE(bad);
    ASSERT_EQ(bad.error().faults.size(), 1U);
    EXPECT_EQ(bad.error().faults[0].pointer, "/labels/x");
    EXPECT_EQ(bad.error().faults[0].detail, "must be a string, not integer");
}

TEST(DefinitionJson, AnythingButAnObjectIsRefused) {
    EXPECT_FALSE(service_definition_from_json(parse("[]")));
    EXPECT_FALSE(api_definition_from_json(parse("null")));
    EXPECT_FALSE(api_definition_from_json(parse(R"({"name": "A", "path": "/a"})")));
}

TEST(CredentialJson, ListsHaveNoSecretsAndOptionsReadBack) {
    Credential credential;
    credential.hmac = {.key = "k", .secret = Secret("top-secret")};
    credential.hmac_options.algorithms = {HmacAlgorithm::Sha1, HmacAlgorithm::Sha512};
    credential.hmac_options.replay_guard = true;
    EXPECT_FALSE(data::dump(to_json(credential)).contains("top-secret"));
    EXPECT_EQ(secrets_to_json(credential)["hmac"]["secret"], "top-secret");
    EXPECT_EQ(hmac_options_from_json(to_json(credential.hmac_options), "").value(),
              credential.hmac_options);
    EXPECT_FALSE(hmac_options_from_json(parse(R"({"algorithms": []})"), ""));
    EXPECT_FALSE(hmac_options_from_json(parse(R"({"algorithms": ["md5"]})"), ""));
    EXPECT_FALSE(hmac_options_from_json(parse(R"({"clock_skew_s": -1})"), ""));
}

}  // namespace
}  // namespace lintel::model
