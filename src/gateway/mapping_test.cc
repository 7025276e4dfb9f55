#include "gateway/mapping.h"

#include <gtest/gtest.h>

#include "gateway/contract.h"
#include "gateway/loose_exchange_test.h"

namespace lintel::gateway {
namespace {

using data::Json;

Json json(std::string_view text) {
    return data::parse_json(text).value();
}

const Json kRoot = json(R"({"components": {}})");

/// What the backend is asked, as text.
struct Asked {
    int status = 200;
    std::string detail;
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::string body_type;  ///< of a body made here; empty when the client's is passed on
    const std::string* field(std::string_view name) const {
        for (const auto& [key, value] : fields) {
            if (equals_ignoring_case(key, name)) { return &value; }
        }
        return nullptr;
    }
};

using Prepare = void (*)(LooseExchange&);

Asked ask(std::string_view api_text, LooseRequest request, Prepare prepare = nullptr) {
    const Json api = json(api_text);
    const auto contract = Contract::build(api, kRoot);
    const auto mapping = Mapping::build(api);
    EXPECT_TRUE(contract && mapping);
    LooseExchange loose(std::move(request));
    if (prepare != nullptr) { prepare(loose); }
    Exchange& exchange = loose.exchange;
    Verdict verdict = run(contract->check(exchange));
    if (verdict.proceeds()) { verdict = run(mapping->apply(exchange)); }
    Asked asked;
    if (!verdict.proceeds()) {
        asked.status = info(verdict.refusal()->code).status;
        asked.detail = verdict.refusal()->detail;
        return asked;
    }
    const BackendRequest& out = exchange.backend_request;
    asked.method = out.method;
    asked.target = out.path;
    if (!out.query.empty()) { asked.target += "?" + std::string(out.query); }
    for (const http::Field& field : out.fields) {
        asked.fields.emplace_back(field.name, field.value);
    }
    asked.body = out.body ? *out.body : read_all(exchange.body());
    asked.body_type = out.body_type;
    return asked;
}

std::vector<std::string> faults(std::string_view api) {
    const auto mapping = Mapping::build(json(api));
    std::vector<std::string> found;
    if (!mapping) {
        for (const Fault& fault : mapping.error().faults) {
            found.push_back(fault.pointer);
        }
    }
    return found;
}

TEST(Mapping, PassesOnWhatNobodyDeclared) {
    const Asked asked =
        ask(R"({"path": "/pets"})", {.method = "POST",
                                     .path = "/pets",
                                     .query = "a=1&b=%C3%A9&a=2",
                                     .headers = {{"Content-Type", "text/csv"}, {"X-Own", "1"}},
                                     .body = "a,b"});
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.target, "/pets?a=1&b=%C3%A9&a=2");
    EXPECT_EQ(asked.body, "a,b");
    EXPECT_EQ(*asked.field("x-own"), "1");
    EXPECT_EQ(*asked.field("Content-Type"), "text/csv");
}

TEST(Mapping, DropsHopByHopFieldsAndWhatTheBackendWritesItself) {
    const Asked asked = ask(R"({"path": "/"})", {.headers = {{"Host", "a"},
                                                             {"Connection", "close"},
                                                             {"TE", "trailers"},
                                                             {"Upgrade", "h2c"},
                                                             {"X-Forwarded-For", "10.0.0.1"},
                                                             {"Expect", "100-continue"},
                                                             {"Accept", "*/*"}}});
    ASSERT_EQ(asked.fields.size(), 1U);
    EXPECT_EQ(asked.fields[0].first, "Accept");
}

TEST(Mapping, TakesCredentialsOutOfTheQuery) {
    const Asked asked =
        ask(R"({"path": "/p"})", {.path = "/p", .query = "a=1&access%5Ftoken=t&access_token=u&b=2"},
            [](LooseExchange& loose) { loose.exchange.hidden_query_name = "access_token"; });
    EXPECT_EQ(asked.target, "/p?a=1&b=2");
}

TEST(Mapping, EncodesWhatMayNotStandInAQuery) {
    EXPECT_EQ(ask(R"({"path": "/"})", {.query = "a={x}|\"#"}).target, "/?a=%7Bx%7D%7C%22%23");
}

TEST(Mapping, UsesTheMethodAndPathOfTheBackend) {
    const Asked asked = ask(R"({"path": "/pets/{id}", "parameters": [
        {"name": "id", "location": "path", "type": "string", "required": true}],
        "backend": {"kind": "http", "config": {"method": "PUT", "path": "/v2/animal-{id}/x"}}})",
                            {.path = "/pets/a%20b", .path_values = {{"id", "a%20b"}}});
    EXPECT_EQ(asked.method, "PUT");
    EXPECT_EQ(asked.target, "/v2/animal-a%20b/x");
}

TEST(Mapping, CarriesARestOfThePathOver) {
    constexpr std::string_view kApi =
        R"({"path": "/a/*", "backend": {"kind": "http", "config": {"path": "/b/*"}}})";
    EXPECT_EQ(ask(kApi, {.path = "/a/x/y", .path_values = {{"*", "x/y"}}}).target, "/b/x/y");
    EXPECT_EQ(ask(kApi, {.path = "/a", .path_values = {{"*", ""}}}).target, "/b");
    EXPECT_EQ(ask(kApi, {.path = "/a/", .path_values = {{"*", ""}}}).target, "/b/");
}

/// One value from every place to every place.
TEST(Mapping, MovesAValueBetweenAnyTwoPlaces) {
    for (const std::string from : {"path", "query", "header", "body"}) {
        for (const std::string to : {"path", "query", "header", "body"}) {
            const std::string api = R"({"path": "/f/{p}", "parameters": [
                {"name": "p", "location": "path", "type": "string", "required": true},
                {"name": "v", "location": ")" +
                                    from + R"(", "type": "string"}],
                "backend": {"kind": "http", "config": {"path": "/b/)" +
                                    std::string(to == "path" ? "{w}" : "{p}") + R"("}},
                "mapping": {"rows": [{"to": {"location": ")" +
                                    to +
                                    R"(", "name": "w"},
                    "from": {"parameter": {"location": ")" +
                                    from + R"(", "name": "v"}}}]}})";
            LooseRequest request{.path = "/f/1", .path_values = {{"p", "1"}}};
            if (from == "path") { request.path_values.push_back({"v", "x%2Fy"}); }
            if (from == "query") { request.query = "v=x/y&k=1"; }
            if (from == "header") { request.headers = {{"V", "x/y"}}; }
            if (from == "body") {
                request.headers = {{"Content-Type", "application/json"}};
                request.body = R"({"v":"x/y","k":1})";
            }
            const Asked asked = ask(api, request);
            SCOPED_TRACE(from + " to " + to);
            ASSERT_EQ(asked.status, 200) << asked.detail;
            EXPECT_EQ(asked.target.starts_with("/b/x%2Fy"), to == "path") << asked.target;
            EXPECT_EQ(asked.target.find("w=x%2Fy") != std::string::npos, to == "query");
            EXPECT_EQ(asked.field("w") != nullptr && *asked.field("w") == "x/y", to == "header");
            EXPECT_EQ(asked.body.find(R"("w":"x/y")") != std::string::npos, to == "body");
            // Moved, not copied; what stands beside it stays.
            EXPECT_EQ(asked.target.find("v=") != std::string::npos, false) << asked.target;
            EXPECT_EQ(asked.field("v"), nullptr);
            EXPECT_EQ(asked.body.find(R"("v")"), std::string::npos) << asked.body;
            if (from == "query") { EXPECT_NE(asked.target.find("k=1"), std::string::npos); }
            if (from == "body") { EXPECT_NE(asked.body.find(R"("k":1)"), std::string::npos); }
        }
    }
}

TEST(Mapping, BuildsOneObjectOutOfSeveralRows) {
    const Asked asked = ask(R"({"path": "/", "parameters": [
        {"name": "n", "location": "query", "type": "integer"},
        {"name": "tags", "location": "query", "type": "array"},
        {"name": "gone", "location": "query", "type": "string"}],
        "mapping": {"rows": [
            {"to": {"location": "body", "name": "a.n"},
             "from": {"parameter": {"location": "query", "name": "n"}}},
            {"to": {"location": "body", "name": "a.tags"},
             "from": {"parameter": {"location": "query", "name": "tags"}}},
            {"to": {"location": "body", "name": "gone"},
             "from": {"parameter": {"location": "query", "name": "gone"}}},
            {"to": {"location": "body", "name": "who"}, "from": {"system": "client_ip"}},
            {"to": {"location": "body", "name": "fixed"}, "from": {"constant": {"x": [1]}}}]}})",
                            {.method = "POST", .query = "n=5&tags=a&tags=b"});
    EXPECT_EQ(asked.body,
              R"({"a":{"n":5,"tags":["a","b"]},"who":"203.0.113.7","fixed":{"x":[1]}})");
    EXPECT_EQ(asked.body_type, "application/json");
    EXPECT_EQ(asked.target, "/");
}

TEST(Mapping, AddsToTheBodyOfTheClient) {
    constexpr std::string_view kApi = R"({"path": "/", "mapping": {"rows": [
        {"to": {"location": "body", "name": "meta.env"}, "from": {"system": "environment"}}]}})";
    const Asked as_json = ask(kApi, {.headers = {{"Content-Type", "application/vnd.pet+json"}},
                                     .body = R"({"a":1,"meta":{"b":2}})"});
    EXPECT_EQ(as_json.body, R"({"a":1,"meta":{"b":2,"env":"test"}})");
    EXPECT_EQ(as_json.body_type, "application/vnd.pet+json");
    EXPECT_EQ(as_json.field("Content-Type"), nullptr);
    const Asked as_form = ask(R"({"path": "/", "mapping": {"rows": [
        {"to": {"location": "body", "name": "env"}, "from": {"system": "environment"}}]}})",
                              {.headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = "a=1+2&b=x&b=y"});
    EXPECT_EQ(as_form.body, "a=1%202&b=x&b=y&env=test");
    EXPECT_EQ(ask(kApi, {.headers = {{"Content-Type", "text/plain"}}, .body = "x"}).status, 400);
    EXPECT_EQ(ask(kApi, {.headers = {{"Content-Type", "application/json"}}, .body = "[1]"}).status,
              400);
    EXPECT_EQ(
        ask(kApi, {.headers = {{"Content-Type", "application/json"}}, .body = R"({"meta":1})"})
            .status,
        400);
}

TEST(Mapping, CopiesAFieldOutOfABodyThatNoRowDeclares) {
    const Asked asked =
        ask(R"({"path": "/", "mapping": {"rows": [
        {"to": {"location": "header", "name": "X-User"},
         "from": {"parameter": {"location": "body", "name": "user.id"}}},
        {"to": {"location": "query", "name": "all"},
         "from": {"parameter": {"location": "body", "name": "user"}}}]}})",
            {.headers = {{"Content-Type", "application/json"}}, .body = R"({"user": {"id": 9}})"});
    EXPECT_EQ(*asked.field("X-User"), "9");
    EXPECT_EQ(asked.target, "/?all=%7B%22id%22%3A9%7D");
    EXPECT_EQ(asked.body, R"({"user": {"id": 9}})");
}

TEST(Mapping, AppliesDefaultsOfWhatIsAbsent) {
    constexpr std::string_view kApi = R"({"path": "/", "parameters": [
        {"name": "limit", "location": "query", "type": "integer", "default": 20},
        {"name": "t", "location": "query", "type": "array", "default": ["a b", "c"]},
        {"name": "f", "location": "query", "type": "object", "style": "deepObject",
         "default": {"k": 1}},
        {"name": "X-Mode", "location": "header", "type": "string", "default": "fast"},
        {"name": "n", "location": "body", "type": "integer", "default": 1}]})";
    const Asked empty = ask(kApi, {});
    EXPECT_EQ(empty.target, "/?limit=20&t=a%20b&t=c&f%5Bk%5D=1");
    EXPECT_EQ(*empty.field("X-Mode"), "fast");
    EXPECT_EQ(empty.body, R"({"n":1})");
    const Asked given =
        ask(kApi, {.query = "limit=5&t=x&f[k]=2",
                   .headers = {{"x-mode", "slow"}, {"Content-Type", "application/json"}},
                   .body = R"({"n":2})"});
    EXPECT_EQ(given.target, "/?limit=5&t=x&f[k]=2");
    EXPECT_EQ(*given.field("X-Mode"), "slow");
    EXPECT_EQ(given.body, R"({"n":2})");
}

TEST(Mapping, ClientsCannotOverrideAConstant) {
    const Asked asked = ask(R"({"path": "/", "mapping": {"rows": [
        {"to": {"location": "query", "name": "key"}, "from": {"constant": "ours"}},
        {"to": {"location": "header", "name": "X-Key"}, "from": {"constant": 7}}]}})",
                            {.query = "key=theirs&k%65y=too", .headers = {{"x-key", "theirs"}}});
    EXPECT_EQ(asked.target, "/?key=ours");
    ASSERT_EQ(asked.fields.size(), 1U);
    EXPECT_EQ(*asked.field("X-Key"), "7");
}

TEST(Mapping, OnlyMappedDropsWhatIsNotDeclared) {
    constexpr std::string_view kApi = R"({"path": "/", "parameters": [
        {"name": "a", "location": "query", "type": "string"},
        {"name": "X-A", "location": "header", "type": "string"},
        {"name": "x", "location": "body", "type": "integer"}],
        "mapping": {"only_mapped": true, "rows": []}})";
    const Asked asked =
        ask(kApi, {.query = "a=1&b=2",
                   .headers = {{"X-A", "1"}, {"X-B", "2"}, {"Content-Type", "application/json"}},
                   .body = R"({"x":1,"y":2})"});
    EXPECT_EQ(asked.target, "/?a=1");
    EXPECT_EQ(asked.field("X-B"), nullptr);
    EXPECT_NE(asked.field("X-A"), nullptr);
    EXPECT_EQ(asked.body, R"({"x":1})");
    const Asked none =
        ask(R"({"path": "/", "mapping": {"only_mapped": true, "rows": []}})", {.body = "secret"});
    EXPECT_EQ(none.body, "");
}

constexpr std::string_view kOutward = R"({"path": "/", "parameters": [
    {"name": "v", "location": "query", "type": "string"}],
    "backend": {"kind": "http", "config": {"path": "/b/{w}"}},
    "mapping": {"rows": [{"to": {"location": "path", "name": "w"},
        "from": {"parameter": {"location": "query", "name": "v"}}}]}})";

TEST(Mapping, KeepsValuesInsideTheirSegment) {
    EXPECT_EQ(ask(kOutward, {.query = "v=a/b%3Fc%23d%25"}).target, "/b/a%2Fb%3Fc%23d%25");
    EXPECT_EQ(ask(kOutward, {.query = "v=..."}).target, "/b/...");
    for (const std::string_view bad :
         {"v=..", "v=.", "v=%2e%2e", "v=../x", "v=x/..", "v=", "v=a%0d%0ab", "v=a%5Cb", "w=1"}) {
        const Asked asked = ask(kOutward, {.query = std::string(bad)});
        EXPECT_EQ(asked.status, 400) << bad;
        EXPECT_TRUE(asked.detail.starts_with("query parameter 'v'")) << asked.detail;
    }
}

TEST(Mapping, KeepsLineBreaksOutOfHeaders) {
    constexpr std::string_view kApi = R"({"path": "/", "parameters": [
        {"name": "v", "location": "query", "type": "string"}],
        "mapping": {"rows": [{"to": {"location": "header", "name": "X-V"},
            "from": {"parameter": {"location": "query", "name": "v"}}}]}})";
    EXPECT_EQ(ask(kApi, {.query = "v=a%0d%0aX-Evil:%201"}).status, 400);
    EXPECT_EQ(ask(kApi, {.query = "v=a%00"}).status, 400);
    EXPECT_EQ(*ask(kApi, {.query = "v=+a+b+"}).field("X-V"), "a b");
}

TEST(Mapping, ADotSegmentMadeOfPartsIsRefused) {
    EXPECT_EQ(ask(R"({"path": "/{a}/{b}", "backend": {"kind": "http",
                      "config": {"path": "/x/{a}.{b}"}}})",
                  {.path = "/./.", .path_values = {{"a", ""}, {"b", ""}}})
                  .status,
              400);
}

TEST(Mapping, RefusesDefinitionsThatCannotWork) {
    EXPECT_EQ(faults(R"({"path": "/", "mapping": {"rows": [
        {"to": {"location": "header", "name": "Content-Length"}, "from": {"constant": 1}},
        {"to": {"location": "header", "name": "a b"}, "from": {"constant": 1}},
        {"to": {"location": "header", "name": "X"}, "from": {"constant": "a\nb"}},
        {"to": {"location": "query", "name": "x"},
         "from": {"parameter": {"location": "query", "name": "undeclared"}}},
        {"to": {"location": "body", "name": "a"}, "from": {"constant": 1}},
        {"to": {"location": "body", "name": "a.b"}, "from": {"constant": 1}},
        {"to": {"location": "body", "name": "a..b"}, "from": {"constant": 1}}]}})"),
              (std::vector<std::string>{"/mapping/rows/0/to/name", "/mapping/rows/1/to/name",
                                        "/mapping/rows/2/from/constant",
                                        "/mapping/rows/3/from/parameter/name",
                                        "/mapping/rows/5/to/name", "/mapping/rows/6/to/name"}));
    EXPECT_EQ(faults(R"({"path": "/a/{x}",
        "backend": {"kind": "http", "config": {"path": "/b/{y}"}}})"),
              std::vector<std::string>{"/backend/config/path"});
    EXPECT_EQ(faults(R"({"path": "/a", "mapping": {"rows": [
        {"to": {"location": "path", "name": "x"}, "from": {"constant": "1"}}]}})"),
              std::vector<std::string>{"/mapping/rows"});
    EXPECT_TRUE(faults(R"({"path": "/a",
        "backend": {"kind": "http", "config": {"path": "/-/healthy"}}})")
                    .empty());
}

}  // namespace
}  // namespace lintel::gateway
