#include "model/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lintel::model {
namespace {

ApiDefinition api(std::string name, std::string path, Method method = Method::Get) {
    ApiDefinition definition;
    definition.name = std::move(name);
    definition.path = std::move(path);
    definition.method = method;
    definition.backend.kind = "mock";
    return definition;
}

ServiceDefinition service(std::vector<ApiDefinition> apis = {}) {
    ServiceDefinition definition;
    definition.name = "Pets";
    definition.apis = std::move(apis);
    return definition;
}

template <typename Definition>
Faults faults_of(const Definition& definition) {
    Faults faults;
    check(definition, "", faults);
    return faults;
}

bool has(const Faults& faults, std::string_view pointer, std::string_view code) {
    return std::ranges::any_of(
        faults, [&](const Fault& fault) { return fault.pointer == pointer && fault.code == code; });
}

Parameter parameter(std::string name, Location location = Location::Query) {
    Parameter made;
    made.name = std::move(name);
    made.location = location;
    made.required = location == Location::Path;
    return made;
}

TEST(Rules, ServiceCodesHaveThreeToFortyCharactersAndSingleDashesInside) {
    for (const char* good : {"abc", "a-b", "a1-b2-c3", "123"}) {
        EXPECT_TRUE(is_service_code(good)) << good;
    }
    for (const char* bad : {"ab", "-ab", "ab-", "a--b", "Abc", "a_b", "a.b", "", "äbc"}) {
        EXPECT_FALSE(is_service_code(bad)) << bad;
    }
    EXPECT_TRUE(is_service_code(std::string(40, 'a')));
    EXPECT_FALSE(is_service_code(std::string(41, 'a')));
}

TEST(Rules, EnvironmentCodesHaveOneToSixteenLettersAndDigits) {
    EXPECT_TRUE(is_environment_code("a"));
    EXPECT_TRUE(is_environment_code(std::string(16, 'z')));
    EXPECT_FALSE(is_environment_code(std::string(17, 'z')));
    EXPECT_FALSE(is_environment_code(""));
    EXPECT_FALSE(is_environment_code("a-b"));
    EXPECT_FALSE(is_environment_code("A"));
}

TEST(Rules, ServiceNamesCountCharactersNotBytes) {
    ServiceDefinition definition = service();
    std::string name;
    for (int i = 0; i < 50; ++i) {
        name += "宠";
    }
    definition.name = name;
    EXPECT_TRUE(faults_of(definition).empty());
    definition.name = name + "物";
    EXPECT_TRUE(has(faults_of(definition), "/name", "field.length"));
    definition.name = "";
    EXPECT_TRUE(has(faults_of(definition), "/name", "field.required"));
    definition.name = "  ";
    EXPECT_TRUE(has(faults_of(definition), "/name", "field.required"));
    definition.name = "two\nlines";
    EXPECT_TRUE(has(faults_of(definition), "/name", "field.characters"));
}

TEST(Rules, DescriptionsHaveAtMostTwoHundredCharacters) {
    ServiceDefinition definition = service({api("A", "/a")});
    definition.description = std::string(200, 'x');
    definition.apis[0].description = std::string(200, 'x');
    definition.apis[0].name = std::string(60, 'n');
    EXPECT_TRUE(faults_of(definition).empty());
    definition.description += "x";
    definition.apis[0].description += "x";
    definition.apis[0].name += "n";
    const Faults faults = faults_of(definition);
    EXPECT_TRUE(has(faults, "/description", "field.length"));
    EXPECT_TRUE(has(faults, "/apis/0/description", "field.length"));
    EXPECT_TRUE(has(faults, "/apis/0/name", "field.length"));
}

TEST(Rules, TokensLiveFromAMinuteToADay) {
    ServiceDefinition definition = service();
    for (const int good : {60, 7200, 86'400}) {
        definition.oauth2.token_ttl_s = good;
        EXPECT_TRUE(faults_of(definition).empty()) << good;
    }
    for (const int bad : {59, 86'401}) {
        definition.oauth2.token_ttl_s = bad;
        EXPECT_TRUE(has(faults_of(definition), "/oauth2", "field.range")) << bad;
    }
}

TEST(Rules, PathTemplatesAreAcceptedWhenACallCouldMatchThem) {
    for (const char* good : {"/", "/pets", "/pets/", "/pets/{id}", "/f.{x}", "/{a}:{b}", "/a/*",
                             "/docs/{rest+}", "/a%20b", "/search;v=1"}) {
        EXPECT_TRUE(path_parameters(good)) << good;
    }
    for (const char* bad :
         {"",     "pets",  "/a//b", "/a/../b", "/./a",     "/a?b",  "/a#b",    "/a b",
          "/{",   "/}",    "/{}",   "/{a}{b}", "/{a}/{a}", "/*/a",  "/{r+}/a", "/x{r+}",
          "/a%2", "/a%zz", "/-/x",  "/-",      "/ä",       "/a\\b", "/a{b"}) {
        EXPECT_FALSE(path_parameters(bad)) << bad;
    }
    EXPECT_EQ(path_parameters("/a/{x}.{y}/{rest+}").value(),
              (std::vector<std::string>{"x", "y", "rest"}));
}

TEST(Rules, TemplatesThatDifferInNamesOnlyAreOne) {
    EXPECT_EQ(path_shape("/a/{x}"), path_shape("/a/{y}"));
    EXPECT_NE(path_shape("/a/{x}"), path_shape("/a/{x+}"));
    EXPECT_NE(path_shape("/a/{x}"), path_shape("/b/{x}"));
    ApiDefinition first = api("One", "/a/{x}");
    first.parameters = {parameter("x", Location::Path)};
    ApiDefinition second = api("Two", "/a/{y}");
    second.parameters = {parameter("y", Location::Path)};
    const Faults faults = faults_of(service({first, second}));
    EXPECT_TRUE(has(faults, "/apis/1/path", "api.duplicate"));
    second.method = Method::Post;
    EXPECT_TRUE(faults_of(service({first, second})).empty());
}

TEST(Rules, ApiNamesAreUniqueInTheService) {
    EXPECT_TRUE(has(faults_of(service({api("A", "/a"), api("A", "/b")})), "/apis/1/name",
                    "api.name_taken"));
}

TEST(Rules, ThirtyParametersAreFineAndThirtyOneAreNot) {
    ApiDefinition definition = api("A", "/a");
    for (int i = 0; i < 30; ++i) {
        definition.parameters.push_back(parameter("p" + std::to_string(i)));
    }
    EXPECT_TRUE(faults_of(definition).empty());
    definition.parameters.push_back(parameter("p30", Location::Body));
    EXPECT_TRUE(has(faults_of(definition), "/parameters", "parameter.count"));
}

TEST(Rules, PathParametersAndTemplateAgree) {
    ApiDefinition undeclared = api("A", "/a/{id}");
    EXPECT_TRUE(has(faults_of(undeclared), "/path", "path.undeclared"));
    ApiDefinition stray = api("A", "/a");
    stray.parameters = {parameter("id", Location::Path)};
    EXPECT_TRUE(has(faults_of(stray), "/parameters/0", "parameter.not_in_path"));
    ApiDefinition optional = api("A", "/a/{id}");
    optional.parameters = {parameter("id", Location::Path)};
    optional.parameters[0].required = false;
    EXPECT_TRUE(has(faults_of(optional), "/parameters/0/required", "parameter.path_required"));
}

TEST(Rules, HeaderParametersAreComparedWithoutCase) {
    ApiDefinition definition = api("A", "/a");
    definition.parameters = {parameter("X-Id", Location::Header),
                             parameter("x-id", Location::Header)};
    EXPECT_TRUE(has(faults_of(definition), "/parameters/1", "parameter.duplicate"));
    definition.parameters = {parameter("bad name", Location::Header)};
    EXPECT_TRUE(has(faults_of(definition), "/parameters/0/name", "parameter.header_name"));
    definition.parameters = {parameter("Q"), parameter("q")};
    EXPECT_TRUE(faults_of(definition).empty());
}

TEST(Rules, DefaultsHaveTheTypeOfTheirParameter) {
    ApiDefinition definition = api("A", "/a");
    definition.parameters = {parameter("limit")};
    definition.parameters[0].type = ParameterType::Integer;
    definition.parameters[0].default_value = 10;
    EXPECT_TRUE(faults_of(definition).empty());
    definition.parameters[0].default_value = "ten";
    EXPECT_TRUE(has(faults_of(definition), "/parameters/0/default", "parameter.default_type"));
}

TEST(Rules, MappingRowsNeedADeclaredSourceAndTheirOwnTarget) {
    ApiDefinition definition = api("A", "/a");
    definition.parameters = {parameter("q")};
    const MappingSource from_q{.kind = MappingSource::Kind::Parameter, .name = "q"};
    definition.mapping.rows = {{.name = "term", .from = from_q}};
    EXPECT_TRUE(faults_of(definition).empty());
    definition.mapping.rows.push_back({.name = "term", .from = {.name = "", .constant = "x"}});
    EXPECT_TRUE(has(faults_of(definition), "/mapping/rows/1/to/name", "mapping.duplicate"));
    definition.mapping.rows[1] = {
        .name = "other", .from = {.kind = MappingSource::Kind::Parameter, .name = "missing"}};
    EXPECT_TRUE(
        has(faults_of(definition), "/mapping/rows/1/from/parameter/name", "mapping.undeclared"));
}

TEST(Rules, GroupsExistBeforeTheyAreUsed) {
    ServiceDefinition definition = service({api("A", "/a")});
    definition.apis[0].group = "Admin";
    EXPECT_TRUE(has(faults_of(definition), "/apis/0/group", "group.unknown"));
    definition.api_groups = {{.id = "agr_1", .name = "Admin"}};
    EXPECT_TRUE(faults_of(definition).empty());
    definition.api_groups.push_back({.id = "agr_2", .name = "Default"});
    EXPECT_TRUE(has(faults_of(definition), "/api_groups/1/name", "group.name_taken"));
}

TEST(Rules, IncompleteNamesEveryReasonAtOnce) {
    EXPECT_TRUE(has(incomplete(service()), "/apis", "publish.no_api"));
    ApiDefinition first = api("A", "/a");
    ApiDefinition second = api("B", "/b");
    first.backend = {};
    second.backend = {};
    const Faults faults = incomplete(service({first, second}));
    EXPECT_TRUE(has(faults, "/apis/0/backend", "publish.no_backend"));
    EXPECT_TRUE(has(faults, "/apis/1/backend", "publish.no_backend"));
}

TEST(Rules, OnePolicyOfAKindIsEnough) {
    ServiceDefinition definition = service();
    definition.policies = {{.kind = "rate_limit"}, {.kind = "rate_limit"}};
    EXPECT_TRUE(has(faults_of(definition), "/policies/1", "policy.duplicate"));
}

TEST(Rules, LabelsHaveShortNamesAndOneLine) {
    ServiceDefinition definition = service();
    definition.labels = {{"team", "shop"}, {"a.b_c-1", ""}};
    EXPECT_TRUE(faults_of(definition).empty());
    definition.labels = {{"Team", "x"}, {"x-", "x"}, {"", "x"}, {"lines", "a\nb"}};
    const Faults faults = faults_of(definition);
    EXPECT_TRUE(has(faults, "/labels/Team", "label.name"));
    EXPECT_TRUE(has(faults, "/labels/x-", "label.name"));
    EXPECT_TRUE(has(faults, "/labels/", "label.name"));
    EXPECT_TRUE(has(faults, "/labels/lines", "field.characters"));
    EXPECT_EQ(faults.size(), 4U);
}

TEST(Rules, WhatIsConvertedAndWhatItBecomesAreNamedOnce) {
    ServiceDefinition definition = service({api("A", "/a")});
    auto& codes = definition.apis[0].responses.error_codes;
    codes = {{.code = "E1"}, {.code = "404", .converted_code = "410", .convert = true}};
    EXPECT_TRUE(faults_of(definition).empty());
    codes = {{.code = "E1", .converted_code = "E2", .convert = true}};
    EXPECT_TRUE(faults_of(definition).empty());
    codes = {{.code = "", .converted_code = "", .convert = true},
             {.code = "404", .converted_code = "410", .convert = true},
             {.code = "404", .converted_code = "411", .convert = true}};
    const Faults faults = faults_of(definition);
    EXPECT_TRUE(has(faults, "/apis/0/responses/error_codes/0/code", "error_code.missing"));
    EXPECT_TRUE(
        has(faults, "/apis/0/responses/error_codes/0/converted_code", "error_code.missing"));
    EXPECT_TRUE(has(faults, "/apis/0/responses/error_codes/2/code", "error_code.duplicate"));
    EXPECT_EQ(faults.size(), 3U);
}

}  // namespace
}  // namespace lintel::model
