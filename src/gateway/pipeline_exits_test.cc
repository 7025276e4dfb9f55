// Every way out of the phases has a scenario here, named after its phase; the table of exits in
// ARCHITECTURE.md lists the same.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "gateway/exchange.h"
#include "scenarios/stage.h"

namespace lintel::gateway {
namespace {

using scenarios::Answer;
using scenarios::Call;
using scenarios::ServiceSetup;
using scenarios::Stage;

/// Answers with the code of the X-Refuse field; else lets the call pass and names a caller.
class Gatekeeper final : public Authenticator {
public:
    explicit Gatekeeper(bool names_caller) : names_caller_(names_caller) {}
    Task<Verdict> authenticate(Exchange& exchange) const override {
        const http::Field* field = exchange.request_fields().find("X-Refuse");
        for (const CodeInfo& code : all_codes()) {
            if (field != nullptr && code.name == field->value) {
                co_return exchange.refuse(
                    {.code = code.code, .reason = "asked to", .www_authenticate = "Test"});
            }
        }
        if (names_caller_) {
            exchange.principal.credential = exchange.snapshot.credentials().by_id("crd_1");
            exchange.principal.method = "test";
        }
        co_return Verdict::proceed();
    }

private:
    bool names_caller_;
};

/// Refuses with a code fixed at build.
class FailingBackend final : public Backend {
public:
    explicit FailingBackend(Code code) : code_(code) {}
    Task<Verdict> call(Exchange& exchange) const override { co_return exchange.refuse(code_); }

private:
    Code code_;
};

class FullLimit final : public Policy {
public:
    Verdict on_request(Exchange& exchange) const override {
        exchange.limit = 5;
        exchange.limit_remaining = 0;
        exchange.limit_reset_s = 7;
        return exchange.refuse({.code = Code::LimitRate, .retry_after_s = 7});
    }
};

/// Blocks everybody and notes that it saw the answer.
class ClosedDoor final : public Policy {
public:
    Verdict on_request(Exchange& exchange) const override {
        return exchange.refuse(Code::AccessIpDenied);
    }
    void on_response(Exchange& exchange) const override {
        exchange.response.fields.add("X-Seen-Status",
                                     exchange.response.status == 403 ? "403" : "?");
    }
};

Kinds kinds() {
    Kinds all;
    all.auths = {
        {.name = "gatekeeper",
         .schema = "{}",
         .build = [](const data::Json&,
                     const BuildContext&) -> Result<std::unique_ptr<const Authenticator>> {
             return std::make_unique<const Gatekeeper>(true);
         }},
        {.name = "forgetful",
         .schema = "{}",
         .build = [](const data::Json&,
                     const BuildContext&) -> Result<std::unique_ptr<const Authenticator>> {
             return std::make_unique<const Gatekeeper>(false);
         }},
    };
    all.policies = {
        {.name = "full_limit",
         .phase = Phase::Limit,
         .schema = "{}",
         .build = [](const data::Json&,
                     const BuildContext&) -> Result<std::unique_ptr<const Policy>> {
             return std::make_unique<const FullLimit>();
         }},
        {.name = "closed_door",
         .phase = Phase::Access,
         .schema = "{}",
         .build = [](const data::Json&,
                     const BuildContext&) -> Result<std::unique_ptr<const Policy>> {
             return std::make_unique<const ClosedDoor>();
         }},
    };
    all.backends = {{.name = "failing",
                     .schema = "{}",
                     .build = [](const data::Json& config,
                                 const BuildContext&) -> Result<std::unique_ptr<const Backend>> {
                         for (const CodeInfo& code : all_codes()) {
                             if (code.name == data::find_string(config, "code")) {
                                 return std::make_unique<const FailingBackend>(code.code);
                             }
                         }
                         return fail(Code::FieldInvalid, "no such code");
                     }}};
    return all;
}

Credential credential(std::string service_id) {
    Credential made;
    made.id = "crd_1";
    made.name = "Ann";
    made.basic.key = "ann";
    made.oauth2.key = "ann2";
    made.hmac.key = "ann3";
    made.grants.push_back({.service_id = std::move(service_id), .api_id = {}, .environment = {}});
    return made;
}

class PipelineExits : public testing::Test {
protected:
    /// Publishes, calls and checks what every answer has.
    Answer call(const ServiceSetup& setup, const Call& call = {}) {
        const Status published = stage.publish(setup);
        EXPECT_TRUE(published) << published.error().message;
        return answer(call);
    }
    Answer answer(const Call& call) {
        Answer got = stage.call(call);
        EXPECT_TRUE(got.header("X-Request-Id").starts_with("req_"));
        if (!got.code.empty()) {
            const auto problem = data::parse_json(got.body);
            EXPECT_TRUE(problem) << got.body;
            EXPECT_EQ(problem->at("status"), got.status);
            EXPECT_EQ(problem->at("request_id"), got.header("X-Request-Id"));
            for (const char* member : {"type", "title", "detail"}) {
                EXPECT_FALSE(data::find_string(*problem, member).empty()) << member;
            }
        }
        return got;
    }
    Stage stage{kinds()};
};

TEST_F(PipelineExits, SuccessAnswersWithTheRequestId) {
    const Answer got = call({}, {.target = "/test/pets/pets?a=1"});
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "ok");
    EXPECT_EQ(stage.seen.path, "/pets");
    EXPECT_EQ(stage.seen.query, "a=1");
}

TEST_F(PipelineExits, AcceptWhenTheGatewayHasTooMuchToDo) {
    http::ConnectionLimits connections(1);
    MemoryPressure memory(1000, connections);
    stage.set_memory(memory);
    EXPECT_EQ(call({}).status, 200);
    memory.judge(900);
    const Answer got = call({}, {.target = "/test/pets/a%5Cb"});
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.code, "gateway.overloaded");
    EXPECT_EQ(got.header("Retry-After"), "1");
    memory.judge(700);
    EXPECT_EQ(call({}).status, 200);
}

TEST_F(PipelineExits, ParseWhenTheHeadWasNotAcceptable) {
    for (const auto& [code, status] :
         std::to_array<std::pair<Code, int>>({{Code::RequestMalformed, 400},
                                              {Code::RequestVersion, 505},
                                              {Code::RequestHeadTooLarge, 431},
                                              {Code::RequestUriTooLong, 414},
                                              {Code::RequestTimeout, 408},
                                              {Code::ExpectationFailed, 417}})) {
        const Answer got = call({}, {.method = "",
                                     .target = "",
                                     .host = "",
                                     .refused_head = Error{.code = code, .message = "line 3"}});
        EXPECT_EQ(got.status, status);
        EXPECT_EQ(got.code, info(code).name);
        EXPECT_NE(got.body.find("line 3"), std::string::npos);
    }
}

TEST_F(PipelineExits, ParseWhenThePathHidesSomething) {
    for (const std::string_view target :
         {"/test/pets/a%5Cb", "/test/pets/a%00", "/test/pets/a b", "*", "/test/pets/%zz"}) {
        const Answer got = call({}, {.target = std::string(target)});
        EXPECT_EQ(got.status, 400) << target;
        EXPECT_EQ(got.code, "request.path_forbidden") << target;
    }
}

TEST_F(PipelineExits, ParseWhenTheHostIsNone) {
    const Answer got = call({}, {.host = "user@localhost"});
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(got.code, "request.header_forbidden");
}

TEST_F(PipelineExits, MatchBeforeTheFirstSnapshotIsNeverNotFound) {
    const Answer got = answer({});
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.code, "gateway.starting");
    EXPECT_EQ(got.header("Retry-After"), "1");
}

TEST_F(PipelineExits, MatchWhenNoServiceOrNoApiIsThere) {
    for (const std::string_view target :
         {"/", "/test/dogs/pets", "/release/pets/pets", "/test/pets/dogs", "/test/pets/pets/",
          "/test/pets/Pets", "/test/pets/-/unknown"}) {
        const Answer got = call({}, {.target = std::string(target)});
        EXPECT_EQ(got.status, 404) << target;
        EXPECT_EQ(got.code, "route.not_found") << target;
    }
}

TEST_F(PipelineExits, MatchWhenThePathHasOtherMethodsOnly) {
    for (const std::string_view method : {"POST", "HEAD", "OPTIONS", "get", "BREW", "TRACE"}) {
        const Answer got = call({}, {.method = std::string(method)});
        EXPECT_EQ(got.status, 405) << method;
        EXPECT_EQ(got.header("Allow"), "GET") << method;
        EXPECT_EQ(got.body.empty(), method == "HEAD");
    }
    const Answer connect = call({}, {.method = "CONNECT", .target = "example.com:443"});
    EXPECT_EQ(connect.status, 405);
    EXPECT_TRUE(connect.has_header("Allow"));
    EXPECT_EQ(stage.seen.calls, 0);
}

TEST_F(PipelineExits, MatchWhenTheServiceWantsAnotherProtocol) {
    ServiceSetup https{.adjust = [](CompiledService& service) { service.scheme = Scheme::Https; }};
    EXPECT_EQ(call(https).code, "route.protocol_required");
    EXPECT_EQ(call(https).status, 426);
    EXPECT_EQ(call(https, {.secure = true}).status, 200);
    ServiceSetup http{.adjust = [](CompiledService& service) { service.scheme = Scheme::Http; }};
    EXPECT_EQ(call(http, {.secure = true}).status, 426);
}

TEST_F(PipelineExits, MatchLetsEncodedSlashesToServicesThatAllowThem) {
    ServiceSetup setup{.api = R"({"method": "GET", "path": "/pets/{id}"})"};
    const Call slash{.target = "/test/pets/pets/a%2fb"};
    EXPECT_EQ(call(setup, slash).code, "request.path_forbidden");
    setup.adjust = [](CompiledService& service) { service.allow_encoded_slashes = true; };
    EXPECT_EQ(call(setup, slash).status, 200);
    EXPECT_EQ(stage.seen.path, "/pets/a%2Fb");
}

TEST_F(PipelineExits, AccessRefusesBeforeAnybodyIsAskedWhoHeIs) {
    const Answer got = call({.policies = {{"closed_door"}}, .auth = {"gatekeeper"}},
                            {.headers = {{"X-Refuse", "auth.invalid"}}});
    EXPECT_EQ(got.status, 403);
    EXPECT_EQ(got.code, "access.ip_denied");
    EXPECT_EQ(got.header("X-Seen-Status"), "403") << "policies see refusals too";
}

TEST_F(PipelineExits, AuthenticateRefusesWithAChallenge) {
    for (const auto& [code, status] :
         std::to_array<std::pair<std::string, int>>({{"auth.missing", 401},
                                                     {"auth.invalid", 401},
                                                     {"auth.duplicate", 400},
                                                     {"auth.replayed", 401}})) {
        const Answer got = call({.auth = {"gatekeeper"}}, {.headers = {{"X-Refuse", code}}});
        EXPECT_EQ(got.status, status);
        EXPECT_EQ(got.code, code);
        EXPECT_EQ(got.header("WWW-Authenticate"), "Test");
        EXPECT_EQ(got.body.find("asked to"), std::string::npos) << "the reason is for the owner";
    }
}

TEST_F(PipelineExits, AuthenticateTellsTheReasonWhereTheServiceExplains) {
    const Answer got =
        call({.auth = {"gatekeeper"},
              .adjust = [](CompiledService& service) { service.explain_refusals = true; }},
             {.headers = {{"X-Refuse", "auth.invalid"}}});
    EXPECT_NE(got.body.find(R"("phase":"authenticate","reason":"asked to")"), std::string::npos)
        << got.body;
}

TEST_F(PipelineExits, AuthorizeWantsAGrantForThisService) {
    EXPECT_EQ(call({.auth = {"gatekeeper"}, .credentials = {credential("svc_pets")}}).status, 200);
    const Answer got = call({.auth = {"gatekeeper"}, .credentials = {credential("svc_other")}});
    EXPECT_EQ(got.status, 403);
    EXPECT_EQ(got.code, "authorize.no_grant");
}

TEST_F(PipelineExits, AuthorizeLetsNobodyInBecauseAnAuthenticatorForgotToName) {
    const Answer got = call({.auth = {"forgetful"}, .credentials = {credential("svc_pets")}});
    EXPECT_EQ(got.status, 401);
    EXPECT_EQ(stage.seen.calls, 0);
}

TEST_F(PipelineExits, LimitSaysWhenToComeBack) {
    const Answer got = call({.policies = {{"full_limit"}}});
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.header("Retry-After"), "7");
    EXPECT_EQ(got.header("X-RateLimit-Limit"), "5");
    EXPECT_EQ(got.header("X-RateLimit-Remaining"), "0");
    EXPECT_EQ(got.header("X-RateLimit-Reset"), "7");
}

TEST_F(PipelineExits, ValidateTellsAllFaultsAtOnce) {
    const Answer got = call({.api = R"({"method": "GET", "path": "/pets", "parameters": [
        {"name": "age", "location": "query", "type": "integer", "required": true},
        {"name": "size", "location": "query", "type": "integer"}]})"},
                            {.target = "/test/pets/pets?size=x"});
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(got.code, "request.invalid");
    const auto problem = data::parse_json(got.body);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->at("errors").size(), 2U) << got.body;
}

TEST_F(PipelineExits, ValidateRefusesLargeBodies) {
    const Answer got = call({.api = R"({"method": "POST", "path": "/pets"})",
                             .adjust = [](CompiledService& service) { service.body_limit = 3; }},
                            {.method = "POST", .body = "long"});
    EXPECT_EQ(got.status, 413);
    EXPECT_EQ(got.code, "request.body_too_large");
}

TEST_F(PipelineExits, BackendFailuresHaveTheirOwnCodes) {
    for (const auto& [code, status] :
         std::to_array<std::pair<std::string, int>>({{"backend.resolve", 502},
                                                     {"backend.refused_address", 502},
                                                     {"backend.connect", 502},
                                                     {"backend.reset", 502},
                                                     {"backend.bad_answer", 502},
                                                     {"backend.timeout", 504},
                                                     {"backend.overloaded", 503}})) {
        const Answer got = call(
            {.backend = scenarios::Named{"failing", fmt::format(R"({{"code": "{}"}})", code)}});
        EXPECT_EQ(got.status, status) << code;
        EXPECT_EQ(got.code, code);
    }
}

TEST_F(PipelineExits, SendFailuresStillEndTheRequest) {
    ASSERT_TRUE(stage.publish({}));
    stage.call({.send_fails_with = Code::ClientClosed});
    const MetricsSeries* series = stage.worker().metrics().newest();
    ASSERT_NE(series, nullptr);
    EXPECT_EQ(series->outcomes[0].key.load(), MetricsSeries::key_of(499, Code::ClientClosed));
    EXPECT_EQ(stage.worker().metrics().in_flight.value(), 0U);
}

TEST_F(PipelineExits, TheCallersOwnIdGoesToTheBackendAndBack) {
    const Answer got = call({}, {.headers = {{"X-Request-Id", "mine"}}});
    EXPECT_EQ(got.header("X-Correlation-Id"), "mine");
    EXPECT_NE(got.header("X-Request-Id"), "mine");
    const auto sent = std::ranges::find(
        stage.seen.headers, std::pair<std::string, std::string>("X-Correlation-Id", "mine"));
    EXPECT_NE(sent, stage.seen.headers.end());
    EXPECT_EQ(call({}, {.headers = {{"X-Correlation-Id", "c"}, {"X-Request-Id", "r"}}})
                  .header("X-Correlation-Id"),
              "c");
}

/// A token address in small.
class Desk final : public ReservedEndpoint {
public:
    std::string_view path() const override { return "/-/desk"; }
    Task<Verdict> answer(Exchange& exchange) const override {
        exchange.response.status = 200;
        exchange.response.body = exchange.arena().copy("desk of " + exchange.service->code);
        co_return Verdict::proceed();
    }
};

TEST(ReservedEndpoints, AnswerBehindAccessButNotBehindLimits) {
    const Desk desk;
    Stage stage(kinds(), {&desk});
    const Call call{.method = "POST", .target = "/test/pets/-/desk"};
    ASSERT_TRUE(stage.publish({.policies = {{"full_limit"}}}));
    EXPECT_EQ(stage.call(call).body, "desk of pets");
    EXPECT_EQ(stage.call({}).status, 429);
    ASSERT_TRUE(stage.publish({.policies = {{"closed_door"}}}));
    EXPECT_EQ(stage.call(call).status, 403);
    EXPECT_EQ(stage.call({.target = "/test/dogs/-/desk"}).status, 404);
}

}  // namespace
}  // namespace lintel::gateway
