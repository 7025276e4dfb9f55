#include "compiler/compile.h"

#include <gtest/gtest.h>

#include "compiler/compile_credentials.h"
#include "compiler/compile_world_test.h"
#include "gateway/token.h"

namespace lintel::compiler {
namespace {

using data::Json;

model::ServiceDefinition definition(std::string_view text) {
    const Json json = data::parse_json(text).value();
    auto read = model::service_definition_from_json(json);
    EXPECT_TRUE(read) << (read ? "" : read.error().faults.front().pointer);
    return *std::move(read);
}

class CompileTest : public testing::Test {
protected:
    std::shared_ptr<const gateway::CompiledService> compile(std::string_view text,
                                                            Purpose purpose = Purpose::Serve) {
        return compile(PublishedPets(definition(text)), purpose);
    }
    std::shared_ptr<const gateway::CompiledService> compile(const PublishedPets& pets,
                                                            Purpose purpose = Purpose::Serve) {
        auto compiled = compile_service(pets.publication(), world.environment, purpose);
        faults.clear();
        if (compiled) { return *compiled; }
        for (const Fault& fault : compiled.error().faults) {
            faults.push_back(fault.pointer);
        }
        return nullptr;
    }

    CompileWorld world;
    std::vector<std::string> faults;
};

using Faults = std::vector<std::string>;

TEST(Catalogue, RefusesWhatWouldLeaveAnApiOpen) {
    gateway::Kinds kinds = all_kinds();
    kinds.auths.push_back({.name = "forgotten", .schema = "{}", .build = nullptr});
    const auto without_build = Catalogue::build(kinds);
    ASSERT_FALSE(without_build);
    EXPECT_EQ(without_build.error().message, "The plugin 'forgotten' has no build function.");

    kinds = all_kinds();
    kinds.policies.front().phase = gateway::Phase::Send;
    const auto in_no_phase = Catalogue::build(kinds);
    ASSERT_FALSE(in_no_phase);
    EXPECT_TRUE(in_no_phase.error().message.contains("names a phase that runs no policies"));
}

TEST_F(CompileTest, MakesARouteOfEveryApi) {
    const auto service = compile(R"({"name": "Pets", "protocol": "HTTP", "apis": [
        {"id": "api_1", "name": "list", "method": "GET", "path": "/pets",
         "backend": {"kind": "mock", "config": {}}},
        {"id": "api_2", "name": "one", "method": "GET", "path": "/pets/{id}",
         "auth": {"kind": "basic"},
         "parameters": [{"name": "id", "location": "path", "type": "integer"}],
         "policies": [{"kind": "ip_access",
                       "config": {"mode": "allow", "addresses": ["10.0.0.0/8"]}}],
         "backend": {"kind": "mock", "config": {}}}],
        "policies": [{"kind": "rate_limit", "config": {"limit": 5, "unit": "minute"}}]})");
    ASSERT_NE(service, nullptr);
    EXPECT_EQ(service->code, "pets");
    EXPECT_EQ(service->environment, "test");
    EXPECT_EQ(service->scheme, gateway::Scheme::Http);
    EXPECT_TRUE(service->explain_refusals);
    ASSERT_EQ(service->routes.size(), 2U);
    const gateway::Route& open = *service->routes[0];
    EXPECT_EQ(open.auth_kind, "none");
    EXPECT_EQ(open.authenticator, nullptr);
    EXPECT_EQ(open.policies->limit.size(), 1U);
    EXPECT_EQ(open.policies->access.size(), 0U);
    const gateway::Route& closed = *service->routes[1];
    EXPECT_EQ(closed.service, service.get());
    EXPECT_NE(closed.authenticator, nullptr);
    EXPECT_EQ(closed.policies->limit, open.policies->limit);
    EXPECT_EQ(closed.policies->access.size(), 1U);
    EXPECT_NE(open.metrics_id, closed.metrics_id);
    EXPECT_EQ(open.policies, &service->common_policies);
}

TEST_F(CompileTest, ApisWithTheSameBackendShareIt) {
    const auto service = compile(R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a",
         "backend": {"kind": "http", "config": {"url": "http://x.example"}}},
        {"name": "b", "method": "GET", "path": "/b",
         "backend": {"kind": "http", "config": {"url": "http://x.example"}}},
        {"name": "c", "method": "GET", "path": "/c",
         "backend": {"kind": "http", "config": {"url": "http://y.example"}}}]})");
    ASSERT_NE(service, nullptr);
    EXPECT_EQ(service->routes[0]->backend, service->routes[1]->backend);
    EXPECT_NE(service->routes[0]->backend, service->routes[2]->backend);
}

TEST_F(CompileTest, ABreakerIsThatOfOneApi) {
    const auto service = compile(R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a", "backend": {"kind": "http",
         "config": {"url": "http://x.example", "breaker": {}}}},
        {"name": "b", "method": "GET", "path": "/b", "backend": {"kind": "http",
         "config": {"url": "http://x.example", "breaker": {}}}}]})");
    ASSERT_NE(service, nullptr);
    EXPECT_NE(service->routes[0]->backend, service->routes[1]->backend);
}

TEST_F(CompileTest, ListsEveryFaultWithItsPlace) {
    EXPECT_EQ(compile(R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a/{x}",
         "backend": {"kind": "mock", "config": {"status": 99}}},
        {"name": "b", "method": "GET", "path": "/a/{y}",
         "backend": {"kind": "carrier-pigeon", "config": {}}},
        {"name": "c", "method": "GET", "path": "/-/x", "auth": {"kind": "magic"}},
        {"name": "d", "method": "GET", "path": "/d",
         "parameters": [{"name": "q", "location": "query",
                         "schema": {"$ref": "#/components/schemas/Gone"}}],
         "mapping": {"rows": [{"to": {"location": "header", "name": "Host"},
                               "from": {"constant": "x"}}]},
         "backend": {"kind": "mock", "config": {}}}],
        "policies": [{"kind": "rate_limit", "config": {"limit": 1001, "unit": "second"}},
                     {"kind": "ip_access",
                      "config": {"mode": "allow", "addresses": ["10.0.0.1/8"]}}]})"),
              nullptr);
    EXPECT_EQ(faults,
              (Faults{"/policies/0/config/limit", "/policies/1/config/addresses/0",
                      "/apis/0/backend/config/status", "/apis/1/path", "/apis/1/backend/kind",
                      "/apis/2/path", "/apis/2/auth/kind", "/apis/2/backend",
                      "/apis/3/parameters/0/schema/$ref", "/apis/3/mapping/rows/0/to/name"}));
}

TEST_F(CompileTest, TheSamePathWithOtherNamesAndMethodIsAnotherAddress) {
    EXPECT_NE(compile(R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a/{x}", "backend": {"kind": "mock", "config": {}}},
        {"name": "b", "method": "PUT", "path": "/a/{y}", "backend": {"kind": "mock", "config": {}}},
        {"name": "c", "method": "GET", "path": "/a/x",
         "backend": {"kind": "mock", "config": {}}}]})"),
              nullptr);
}

TEST_F(CompileTest, ResolvesSchemasInTheComponents) {
    EXPECT_NE(compile(R"({"name": "Pets",
        "components": {"schemas": {"Pet": {"type": "object",
            "properties": {"friend": {"$ref": "#/components/schemas/Pet"}}}}},
        "apis": [{"name": "a", "method": "POST", "path": "/a",
          "body": {"content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
          "responses": {"schema": {"$ref": "#/components/schemas/Pet"}},
          "backend": {"kind": "mock", "config": {}}}]})"),
              nullptr);
}

TEST_F(CompileTest, ATrialLeavesNoTraceInTheMetrics) {
    constexpr std::string_view kText = R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a", "backend": {"kind": "mock", "config": {}}}]})";
    const std::size_t before = world.metrics.all().size();
    ASSERT_NE(compile(kText, Purpose::Trial), nullptr);
    EXPECT_EQ(world.metrics.all().size(), before);
    ASSERT_NE(compile(kText), nullptr);
    EXPECT_EQ(world.metrics.all().size(), before + 1);
}

TEST_F(CompileTest, CallersInReleaseDoNotReadReasons) {
    PublishedPets pets(definition(R"({"name": "Pets", "apis": [
        {"name": "a", "method": "GET", "path": "/a",
         "backend": {"kind": "mock", "config": {}}}]})"));
    pets.environment.code = "release";
    EXPECT_FALSE(compile(pets)->explain_refusals);
    world.environment.settings.explain_refusals = ExplainRefusals::Always;
    EXPECT_TRUE(compile(pets)->explain_refusals);
    pets.environment.code = "test";
    world.environment.settings.explain_refusals = ExplainRefusals::Never;
    EXPECT_FALSE(compile(pets)->explain_refusals);
}

TEST(CompileCredentials, PreparesKeysAndNamesEnvironmentsByCode) {
    model::Credential credential;
    credential.id = model::CredentialId("crd_1");
    credential.owner = {model::ServiceId("svc_1"), {}};
    credential.name = "shop";
    credential.generation = 3;
    credential.status = model::CredentialStatus::Disabled;
    credential.basic = {"bk", Secret("bs")};
    credential.hmac = {"hk", Secret("hs")};
    credential.hmac_options.algorithms = {model::HmacAlgorithm::Sha256, model::HmacAlgorithm::Sha1};
    credential.hmac_options.clock_skew_s = 30;
    model::Grant grant;
    grant.credential_id = credential.id;
    grant.service_id = credential.owner.service_id;
    grant.environments = {model::EnvironmentId("env_1"), model::EnvironmentId("env_gone")};
    model::Environment environment;
    environment.id = model::EnvironmentId("env_1");
    environment.code = "test";

    const std::vector<model::Environment> environments{environment};
    const gateway::CredentialTable before({});
    CredentialCompiler compiler(environments, before);
    compiler.add(credential);
    compiler.add(grant);
    grant.credential_id = model::CredentialId("crd_gone");
    compiler.add(grant);
    const CredentialsByOwner compiled = compiler.take();
    ASSERT_EQ(compiled.at("svc_1").size(), 1U);
    const gateway::Credential& ready = *compiled.at("svc_1").front();
    EXPECT_EQ(ready.grants.size(), 1U);
    EXPECT_FALSE(ready.enabled);
    EXPECT_EQ(ready.generation, 3U);
    EXPECT_TRUE(ready.basic.secret.equals("bs"));
    EXPECT_NE(ready.hmac_key(crypto::HmacAlgorithm::Sha256), nullptr);
    EXPECT_NE(ready.hmac_key(crypto::HmacAlgorithm::Sha1), nullptr);
    EXPECT_EQ(ready.hmac_key(crypto::HmacAlgorithm::Sha512), nullptr);
    EXPECT_EQ(ready.hmac_options.clock_skew, std::chrono::seconds(30));
    EXPECT_EQ(ready.right_to("svc_1", "api_any", "test", 0), gateway::Right::Granted);
    EXPECT_EQ(ready.right_to("svc_1", "api_any", "release", 0), gateway::Right::None);
    EXPECT_EQ(ready.right_to("svc_2", "api_any", "test", 0), gateway::Right::None);

    // Compiled anew it still tells when it was last used.
    const gateway::CredentialTable table(compiled.at("svc_1"));
    CredentialCompiler again(environments, table);
    again.add(credential);
    EXPECT_EQ(again.take().at("svc_1").front()->use, ready.use);
}

}  // namespace
}  // namespace lintel::compiler
