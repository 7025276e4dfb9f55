#include "data/schema.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>

#include "data/schema_format.h"
#include "data/schema_pattern.h"

namespace lintel::data {
namespace {

Json json(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : Json();
}

/// "ok" or "pointer code" of every fault.
std::string verdict(std::string_view schema, std::string_view value,
                    Direction direction = Direction::Request,
                    Dialect dialect = Dialect::OpenApi30) {
    const auto compiled = Schema::compile(json(schema), {.dialect = dialect});
    if (!compiled) { return "schema refused: " + compiled.error().message; }
    std::vector<Fault> faults;
    if ((*compiled)->validate(json(value), "/body", faults, direction)) {
        return faults.empty() ? "ok" : "inconsistent";
    }
    std::string result;
    for (const Fault& fault : faults) {
        result += fmt::format("{}{} {}", result.empty() ? "" : ", ", fault.pointer, fault.code);
    }
    return result;
}

std::string detail(std::string_view schema, std::string_view value) {
    const auto compiled = Schema::compile(json(schema));
    std::vector<Fault> faults;
    (*compiled)->validate(json(value), "", faults);
    return faults.empty() ? "" : faults.front().detail;
}

TEST(Schema, ListsEveryFaultAtOnceWithItsPointer) {
    EXPECT_EQ(verdict(R"({"type":"object","required":["id","a/b"],"additionalProperties":false,
                          "properties":{"id":{"type":"integer"},"a/b":{"type":"string"},
                                        "tags":{"type":"array",
                                                "items":{"type":"string","maxLength":2}}}})",
                      R"({"id":"x","tags":["ab","abc",1],"more":1})"),
              "/body/id schema.type, /body/tags/1 schema.max_length, /body/tags/2 schema.type, "
              "/body/more schema.additional_properties, /body/a~1b schema.required");
}

TEST(Schema, KnowsNullableAsOpenApiDefinesIt) {
    EXPECT_EQ(verdict(R"({"type":"string","nullable":true})", "null"), "ok");
    EXPECT_EQ(verdict(R"({"type":"string"})", "null"), "/body schema.type");
    EXPECT_EQ(verdict(R"({"nullable":true,"enum":["a"]})", "null"), "/body schema.enum");
    EXPECT_EQ(verdict(R"({"type":"string","nullable":true,"enum":["a",null]})", "null"), "ok");
}

TEST(Schema, KnowsExclusiveBoundsAsFlagsAndAsNumbers) {
    EXPECT_EQ(verdict(R"({"minimum":1,"exclusiveMinimum":true})", "1"), "/body schema.minimum");
    EXPECT_EQ(verdict(R"({"maximum":1,"exclusiveMaximum":false})", "1"), "ok");
    EXPECT_EQ(verdict(R"({"exclusiveMaximum":1})", "1", Direction::Request, Dialect::Draft7),
              "/body schema.maximum");
    EXPECT_TRUE(verdict(R"({"exclusiveMaximum":1})", "1").starts_with("schema refused"));
}

TEST(Schema, ExemptsReadOnlyInRequestsAndWriteOnlyInResponses) {
    constexpr std::string_view kSchema = R"({"type":"object","required":["id","password","name"],
        "properties":{"id":{"type":"integer","readOnly":true},
                      "password":{"type":"string","writeOnly":true},"name":{}}})";
    EXPECT_EQ(verdict(kSchema, R"({"password":"x","name":1})", Direction::Request), "ok");
    EXPECT_EQ(verdict(kSchema, R"({"id":1,"name":1})", Direction::Response), "ok");
    EXPECT_EQ(verdict(kSchema, R"({"id":1})", Direction::Request),
              "/body/name schema.required, /body/password schema.required");
}

TEST(Schema, ComparesDecimalsAsPeopleDo) {
    EXPECT_EQ(verdict(R"({"multipleOf":0.01})", "19.99"), "ok");
    EXPECT_EQ(verdict(R"({"multipleOf":0.0001})", "0.00751"), "/body schema.multiple_of");
    EXPECT_EQ(verdict(R"({"multipleOf":0.123456789})", "1e308"), "/body schema.multiple_of");
    EXPECT_EQ(verdict(R"({"multipleOf":3})", "-9"), "ok");
    EXPECT_EQ(verdict(R"({"multipleOf":1e300})", "1e301"), "ok");
    EXPECT_EQ(verdict(R"({"multipleOf":7})", "1e20"), "/body schema.multiple_of");
    EXPECT_EQ(verdict(R"({"type":"integer"})", "1.0"), "ok");
    EXPECT_EQ(verdict(R"({"type":"integer"})", "1.5"), "/body schema.type");
    EXPECT_EQ(verdict(R"({"type":"integer","maximum":9007199254740992})", "9007199254740993"),
              "/body schema.maximum");
    EXPECT_EQ(verdict(R"({"type":"integer","format":"int32"})", "2147483648"),
              "/body schema.format");
    EXPECT_EQ(verdict(R"({"type":"integer","format":"int64"})", "9223372036854775808"),
              "/body schema.format");
}

TEST(Schema, NeverRepeatsAStringOfTheValue) {
    for (const std::string_view schema :
         {R"({"type":"integer"})", R"({"enum":["a"]})", R"({"pattern":"^x$"})",
          R"({"maxLength":2})", R"({"format":"uuid"})",
          R"({"oneOf":[{"type":"integer"},{"enum":["b"]}]})"}) {
        const std::string said = detail(schema, R"("geheim")");
        EXPECT_FALSE(said.empty());
        EXPECT_EQ(said.find("geheim"), std::string::npos) << said;
    }
}

TEST(Schema, TellsWhyTheClosestAlternativeFails) {
    EXPECT_EQ(detail(R"({"oneOf":[{"type":"string"},{"type":"object","required":["a"]},
                                  {"type":"object","required":["a","b","c"]}]})",
                     R"({"b":1})"),
              "fits none of the 3 alternatives; the closest one fails at '/a': is required");
    EXPECT_EQ(verdict(R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", "3"),
              "/body schema.one_of");
    EXPECT_EQ(verdict(R"({"anyOf":[{"type":"integer"},{"minimum":2}]})", "3"), "ok");
}

TEST(Schema, FollowsRecursiveReferences) {
    const Json root = json(R"({"components":{"schemas":{"Node":{"type":"object","required":["v"],
        "properties":{"v":{"type":"integer"},"next":{"$ref":"#/components/schemas/Node"}}}}}})");
    const auto schema = Schema::compile(json(R"({"$ref":"#/components/schemas/Node"})"), root);
    ASSERT_TRUE(schema);
    std::vector<Fault> faults;
    EXPECT_TRUE((*schema)->validate(json(R"({"v":1,"next":{"v":2}})"), "", faults));
    EXPECT_FALSE((*schema)->validate(json(R"({"v":1,"next":{"v":2,"next":{}}})"), "", faults));
    EXPECT_EQ(faults.at(0).pointer, "/next/next/v");
}

TEST(Schema, RefusesReferencesThatLeadNowhereOrOutside) {
    for (const std::string_view reference :
         {"#/x", "other.yaml#/a", "http://127.0.0.1/x", "file:///etc/passwd", "#a"}) {
        const auto schema = Schema::compile(Json{{"$ref", reference}});
        ASSERT_FALSE(schema) << reference;
        EXPECT_EQ(schema.error().faults.at(0).code, "schema.ref");
        EXPECT_EQ(schema.error().faults.at(0).pointer, "/$ref");
    }
}

TEST(Schema, RefusesReferenceLoops) {
    for (const std::string_view text : {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})",
                                        R"({"$ref":"#/a","a":{"$ref":"#/b"},"b":{"$ref":"#/a"}})",
                                        R"({"not":{"anyOf":[{"$ref":"#"}]}})"}) {
        const auto schema = Schema::compile(json(text));
        ASSERT_FALSE(schema) << text;
        EXPECT_EQ(schema.error().faults.at(0).code, "schema.loop");
    }
}

TEST(Schema, ListsEveryFaultOfASchema) {
    const auto schema = Schema::compile(json(
        R"({"type":"text","minLength":-1,"required":true,"properties":{"a":{"enum":1},"b":3}})"));
    ASSERT_FALSE(schema);
    EXPECT_EQ(schema.error().faults.size(), 5U);
}

TEST(Schema, EndsOnSchemasThatMultiply) {
    std::string text = R"({"components":{)";
    for (int i = 0; i < 40; ++i) {
        text += fmt::format(
            R"("a{}":{{"anyOf":[{{"$ref":"#/components/a{}"}},{{"$ref":"#/components/a{}"}}]}},)",
            i, i + 1, i + 1);
    }
    text += R"("a40":{"type":"integer"}},"$ref":"#/components/a0"})";
    EXPECT_EQ(verdict(text, "\"x\""), "/body schema.too_complex");
}

TEST(Schema, BoundsChainsOfReferences) {
    std::string text = "{";
    for (int i = 0; i < 5000; ++i) {
        text += fmt::format(R"("a{}":{{"$ref":"#/a{}"}},)", i, i + 1);
    }
    text += R"("a5000":{},"$ref":"#/a0"})";
    EXPECT_EQ(verdict(text, "1"), "/body schema.too_complex");
}

TEST(Schema, ListsAtMostFiftyFaults) {
    const auto schema = Schema::compile(json(R"({"items":{"type":"string"}})"));
    std::vector<Fault> faults;
    EXPECT_FALSE((*schema)->validate(Json(std::vector<int>(1000, 1)), "", faults));
    EXPECT_EQ(faults.size(), Schema::kMaxFaults);
}

TEST(Schema, FindsEqualElementsQuicklyAmongMany) {
    Json many = Json::array();
    for (int i = 0; i < 50'000; ++i) {
        many.push_back(Json{{"a", i}, {"b", "x"}});
    }
    const auto schema = Schema::compile(json(R"({"uniqueItems":true})"));
    std::vector<Fault> faults;
    EXPECT_TRUE((*schema)->validate(many, "", faults));
    many.push_back(Json{{"b", "x"}, {"a", 7.0}});
    EXPECT_FALSE((*schema)->validate(many, "", faults));
}

TEST(Schema, ChecksWideObjectsInBoundedTime) {
    std::string schema_text = R"({"additionalProperties":{"type":"integer"},"properties":{)";
    for (int i = 0; i < 2000; ++i) {
        schema_text += fmt::format(R"("p{}":{{"type":"integer"}},)", i);
    }
    schema_text.back() = '}';
    const auto schema = Schema::compile(json(schema_text + "}"));
    ASSERT_TRUE(schema) << schema.error().message;
    std::string value_text = "{";
    for (int i = 0; i < 90'000; ++i) {
        value_text += fmt::format("\"p{}\":1,", i);
    }
    value_text.back() = '}';
    const Json value = json(value_text);
    std::vector<Fault> faults;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE((*schema)->validate(value, "", faults));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Schema, SharesCompiledPartsAndOutlivesItsCompiler) {
    std::shared_ptr<const Schema> pet;
    {
        const Json root =
            json(R"({"components":{"schemas":{"Pet":{"type":"object","required":["n"]}}}})");
        SchemaCompiler compiler(root);
        pet = *compiler.compile(json(R"({"$ref":"#/components/schemas/Pet"})"), "/a");
        ASSERT_TRUE(
            compiler.compile(json(R"({"items":{"$ref":"#/components/schemas/Pet"}})"), "/b"));
    }
    std::vector<Fault> faults;
    EXPECT_FALSE(pet->validate(Json::object(), "", faults));
}

TEST(SchemaDraft7, KnowsWhatPluginSettingsNeed) {
    const auto check = [](std::string_view schema, std::string_view value) {
        return verdict(schema, value, Direction::Request, Dialect::Draft7);
    };
    EXPECT_EQ(check(R"({"const":{"a":1}})", R"({"a":1.0})"), "ok");
    EXPECT_EQ(check(R"({"const":1})", "2"), "/body schema.enum");
    EXPECT_EQ(check(R"({"type":["string","null"]})", "null"), "ok");
    EXPECT_EQ(
        check(R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
              R"({"a":1})"),
        "/body/b schema.required");
    EXPECT_EQ(
        check(R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
              R"({})"),
        "/body/c schema.required");
    EXPECT_EQ(check(R"({"contains":{"type":"integer"}})", R"(["a"])"), "/body schema.contains");
    EXPECT_EQ(check(R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})"),
              "/body/abc schema.property_names");
    EXPECT_EQ(check(R"({"properties":{"a":false}})", R"({"a":1})"), "/body/a schema.refused");
    EXPECT_EQ(check(R"({"items":[{"type":"integer"}],"additionalItems":false})", R"([1,2])"),
              "/body/1 schema.refused");
    EXPECT_EQ(
        check(R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})",
              R"({"x-a":"b"})"),
        "ok");
}

TEST(Pattern, TranslatesEcmaSyntax) {
    const auto found = [](std::string_view pattern, std::string_view text) {
        const auto compiled = Pattern::compile(pattern);
        EXPECT_TRUE(compiled) << pattern << ": " << compiled.error().message;
        return compiled && (*compiled)->found_in(text);
    };
    EXPECT_TRUE(found("b", "abc"));
    EXPECT_TRUE(found("^\\u0041$", "A"));
    EXPECT_TRUE(found("^[\\w-.]+$", "a-b.c"));
    EXPECT_TRUE(found("^[+-\\d]+$", "1-2+3"));
    EXPECT_TRUE(found("^[[]$", "["));
    EXPECT_TRUE(found("^(?<year>\\d{4})$", "2024"));
    EXPECT_TRUE(found("^[^]$", "\n"));
    EXPECT_FALSE(found("[]", "a"));
    EXPECT_TRUE(found("^\\/a\\/$", "/a/"));
    EXPECT_FALSE(found("^a$", "a\n"));
    EXPECT_TRUE(found("^\\p{L}+$", "é"));
    EXPECT_TRUE(found("^.$", "张"));
}

TEST(Pattern, RefusesWhatOnlyBacktrackingCanDo) {
    for (const std::string_view pattern :
         {"^(?=a)", "(a)\\1", "(?<!a)b", "(", "/^a$/i", "^(?:a{1000}){1000}$"}) {
        EXPECT_FALSE(Pattern::compile(pattern)) << pattern;
    }
    EXPECT_FALSE(Pattern::compile(std::string(1001, 'a')));
    EXPECT_FALSE(Schema::compile(json(R"j({"pattern":"^(?=a)"})j")));
    const Json root = json(R"j({"pattern":"^(?=a)"})j");
    SchemaCompiler compiler(root, {.skip_unsupported_patterns = true});
    EXPECT_TRUE(compiler.compile(root, "/x"));
    ASSERT_EQ(compiler.warnings().size(), 1U);
    EXPECT_EQ(compiler.warnings().front().pointer, "/x/pattern");
}

TEST(Pattern, RunsInLinearTime) {
    const auto pattern = Pattern::compile("^(a+)+$");
    ASSERT_TRUE(pattern);
    EXPECT_FALSE((*pattern)->found_in(std::string(100'000, 'a') + "b"));
}

TEST(StringFormat, Cases) {
    struct Case {
        std::string_view format;
        std::string_view text;
        bool valid;
    };
    for (const Case& c : std::vector<Case>{{"byte", "aGFsbG8=", true},
                                           {"byte", "aGFsbG8", false},
                                           {"byte", "", true},
                                           {"byte", "a-_=", false},
                                           {"date", "2024-02-29", true},
                                           {"date", "2023-02-29", false},
                                           {"date", "2024-13-01", false},
                                           {"date", "24-01-01", false},
                                           {"date", "2024-01-01T00:00:00Z", false},
                                           {"date-time", "2024-01-31T23:59:60Z", true},
                                           {"date-time", "2024-01-31t12:00:00.123+01:00", true},
                                           {"date-time", "2024-01-31 12:00:00Z", false},
                                           {"date-time", "2024-01-31T12:00:00", false},
                                           {"date-time", "2024-01-31T24:00:00Z", false},
                                           {"date-time", "2024-01-31T12:00:00.Z", false},
                                           {"uuid", "3fa85f64-5717-4562-b3fc-2c963f66afa6", true},
                                           {"uuid", "3FA85F64-5717-4562-B3FC-2C963F66AFA6", true},
                                           {"uuid", "3fa85f6457174562b3fc2c963f66afa6", false},
                                           {"email", "a.b+c@example.com", true},
                                           {"email", "a@localhost", true},
                                           {"email", "a@b@c.de", false},
                                           {"email", "@example.com", false},
                                           {"email", "a b@example.com", false},
                                           {"email", "\"a b\"@example.com", true},
                                           {"email", "a@-x.com", false},
                                           {"email", "a..b@example.com", false},
                                           {"email", "a@[192.0.2.1]", true},
                                           {"ipv4", "192.0.2.1", true},
                                           {"ipv4", "192.0.2.256", false},
                                           {"ipv4", "192.0.2", false},
                                           {"ipv4", "01.0.0.1", false},
                                           {"ipv4", "::1", false},
                                           {"ipv6", "::1", true},
                                           {"ipv6", "2001:db8::192.0.2.1", true},
                                           {"ipv6", "1::2::3", false},
                                           {"ipv6", "192.0.2.1", false},
                                           {"uri", "https://example.com/a?b=%20#c", true},
                                           {"uri", "urn:isbn:1", true},
                                           {"uri", "/a", false},
                                           {"uri", "http://a b", false},
                                           {"uri", "http://a/%zz", false},
                                           {"uri", "1a:b", false},
                                           {"hostname", "anything goes", true}}) {
        EXPECT_EQ(matches(string_format(c.format), c.text), c.valid) << c.format << " " << c.text;
    }
}

TEST(ExampleFromSchema, FitsTheSchema) {
    const Json root = json(R"({"components":{"schemas":{
        "Pet":{"type":"object","required":["id","kind"],"properties":{
            "id":{"type":"integer","minimum":10},"kind":{"enum":["cat","dog"]},
            "born":{"type":"string","format":"date"},
            "secret":{"type":"string","writeOnly":true},
            "parent":{"$ref":"#/components/schemas/Pet"},
            "friends":{"type":"array","items":{"$ref":"#/components/schemas/Pet"}},
            "ratio":{"type":"number","maximum":-1}}},
        "Dog":{"allOf":[{"$ref":"#/components/schemas/Pet"},
            {"type":"object","properties":{"bark":{"type":"boolean"}}}]}}}})");
    const Json schema = json(R"({"$ref":"#/components/schemas/Dog"})");
    const Json example = example_from_schema(schema, root);
    EXPECT_EQ(dump(example),
              R"({"id":10,"kind":"cat","born":"2024-01-31","friends":[],"ratio":-1,"bark":true})");
    std::vector<Fault> faults;
    EXPECT_TRUE(
        (*Schema::compile(schema, root))->validate(example, "", faults, Direction::Response));
}

TEST(ExampleFromSchema, PrefersWhatTheSchemaGives) {
    const auto example = [](std::string_view schema) {
        return dump(example_from_schema(json(schema), Json::object()));
    };
    EXPECT_EQ(example(R"({"type":"string","example":"x"})"), R"("x")");
    EXPECT_EQ(example(R"({"type":"string","default":"y"})"), R"("y")");
    EXPECT_EQ(example(R"({"oneOf":[{"type":"integer"},{"type":"string"}]})"), "0");
    EXPECT_EQ(example(R"({"type":"array","minItems":2,"items":{"type":"boolean"}})"),
              "[true,true]");
    EXPECT_EQ(example(R"({"type":"string","minLength":8})"), R"("stringxx")");
    EXPECT_EQ(example(R"({"minimum":1,"exclusiveMinimum":true,"type":"integer"})"), "2");
    EXPECT_EQ(example(R"({"$ref":"#/nowhere"})"), "null");
}

TEST(ExampleFromSchema, EndsOnRecursionAndOnWidth) {
    std::string text = R"({"components":{)";
    for (int i = 0; i < 30; ++i) {
        text += fmt::format(
            R"("a{}":{{"type":"object","required":["x","y"],"properties":{{
                "x":{{"$ref":"#/components/a{}"}},"y":{{"$ref":"#/components/a{}"}}}}}},)",
            i, i + 1, i + 1);
    }
    text += R"("a30":{"type":"integer"}}})";
    EXPECT_LT(dump(example_from_schema(json(R"({"$ref":"#/components/a0"})"), json(text))).size(),
              100'000U);
}

}  // namespace
}  // namespace lintel::data
