#include "compiler/snapshot_publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "async/resolver.h"
#include "base/text.h"
#include "compiler/compile_world_test.h"
#include "store/store.h"
#include "support/loopback.h"
#include "support/temporary_folder.h"

namespace lintel::compiler {
namespace {

using management::Change;

/// The real store and the real gateway with nothing but a publisher between them.
class SnapshotPublisherTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = store::Store::open({directory / "store"}, world.master, world.clock);
        ASSERT_TRUE(opened) << opened.error().message << opened.error().cause;
        store = *std::move(opened);
        add_places();
        start();
    }

    /// The data plane as after a start of the program.
    void start() {
        publisher.reset();
        gateway.reset();
        gateway::GatewayOptions options;
        options.listen = {{{{IpAddress::v4(0x7F000001), 0}}}};
        options.workers = 2;
        options.access_log = "";
        auto opened = gateway::Gateway::open(
            std::move(options), {world.clock, *resolver, world.outbound, world.metrics, {}});
        ASSERT_TRUE(opened) << opened.error().message;
        gateway = *std::move(opened);
        publisher =
            std::make_unique<SnapshotPublisher>(*store, *gateway, world.environment, Addresses{});
    }

    void add_places() {
        auto tx = store->begin().value();
        if (!tx.gateways().find_by_code("default").value()) {
            ASSERT_TRUE(
                tx.gateways().add({.id = gateway_id, .code = "default", .name = "default"}));
            ASSERT_TRUE(tx.projects().add({.id = project_id,
                                           .gateway_id = gateway_id,
                                           .name = "default",
                                           .is_default = true}));
        } else {
            gateway_id = tx.gateways().find_by_code("default").value()->id;
            project_id = tx.projects().default_of(gateway_id).value().id;
        }
        for (const std::string code : {"test", "prod"}) {
            if (tx.environments().find_by_code(gateway_id, code).value()) { continue; }
            model::Environment environment;
            environment.id = model::EnvironmentId("env_" + code);
            environment.gateway_id = gateway_id;
            environment.code = environment.name = code;
            ASSERT_TRUE(tx.environments().add(environment));
        }
        ASSERT_TRUE(tx.commit());
    }

    model::EnvironmentId environment(const std::string& code) {
        auto tx = store->read().value();
        return tx.environments().find_by_code(gateway_id, code).value()->id;
    }

    /// A service whose one api answers with the text, put into the store as a publish would.
    model::ServiceId publish(const std::string& code, std::int64_t number, const std::string& text,
                             const std::string& auth = "none", const std::string& where = "test") {
        const model::ServiceId id("svc_" + code);
        const model::EnvironmentId environment_id = environment(where);
        auto tx = store->begin().value();
        if (number == 1) {
            model::Service service;
            service.id = id;
            service.gateway_id = gateway_id;
            service.project_id = project_id;
            service.code = service.name = code;
            service.latest_release = 1;
            EXPECT_TRUE(tx.services().add(service));
        }
        model::Release release;
        release.service_id = id;
        release.number = number;
        release.definition = definition(text, auth);
        release.definition.policies = policies;
        EXPECT_TRUE(tx.releases().add(release));
        EXPECT_TRUE(tx.deployments().put(deployment(id, environment_id, number)));
        EXPECT_TRUE(tx.commit());
        return id;
    }

    model::Deployment deployment(const model::ServiceId& id,
                                 const model::EnvironmentId& environment_id,
                                 std::int64_t release) const {
        model::Deployment deployment;
        deployment.service_id = id;
        deployment.environment_id = environment_id;
        deployment.release = release;
        deployment.limit_origins = limit_origins;
        return deployment;
    }

    static model::ServiceDefinition definition(const std::string& text, const std::string& auth) {
        model::ServiceDefinition definition;
        definition.name = "Test";
        model::ApiDefinition api;
        api.id = model::ApiId("api_1");
        api.name = "say";
        api.path = "/say";
        api.auth.kind = auth;
        api.backend = {.kind = "mock", .config = {{"body", text}}};
        definition.apis.push_back(api);
        return definition;
    }

    std::string call(const std::string& path, const std::string& field = "") {
        return support::exchange_bytes(gateway->addresses().front().ip.port,
                                       "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + field +
                                           "Connection: close\r\n\r\n");
    }
    static std::string status(const std::string& answer) { return answer.substr(9, 3); }
    static std::string body(const std::string& answer) {
        return answer.substr(answer.find("\r\n\r\n") + 4);
    }

    CompileWorld world;
    std::unique_ptr<async::Resolver> resolver = async::Resolver::open({}).value();
    support::TemporaryFolder directory;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<gateway::Gateway> gateway;
    std::unique_ptr<SnapshotPublisher> publisher;
    model::GatewayId gateway_id{"gw_1"};
    model::ProjectId project_id{"prj_1"};
    std::vector<model::PluginUse> policies;         ///< of what is published next
    std::vector<model::LimitOrigin> limit_origins;  ///< of what is deployed next
};

TEST_F(SnapshotPublisherTest, AnswersStartingUntilItHasLoadedWhatRuns) {
    publish("shop", 1, "hello");
    EXPECT_EQ(status(call("/test/shop/say")), "503");
    ASSERT_TRUE(publisher->start());
    EXPECT_EQ(body(call("/test/shop/say")), "hello");
    EXPECT_EQ(status(call("/test/other/say")), "404");
}

TEST_F(SnapshotPublisherTest, APublishIsServedWhenRefreshReturns) {
    ASSERT_TRUE(publisher->start());
    EXPECT_EQ(publisher->revision(), 1U);
    const model::ServiceId id = publish("shop", 1, "one");
    EXPECT_EQ(publisher->refresh({Change::Kind::Service, id}), 2U);
    EXPECT_EQ(publisher->revision(), 2U);
    EXPECT_EQ(body(call("/test/shop/say")), "one");
    publish("shop", 2, "two");
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(body(call("/test/shop/say")), "two");
    publish("shop", 3, "elsewhere", "none", "prod");
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(body(call("/test/shop/say")), "two");
    EXPECT_EQ(body(call("/prod/shop/say")), "elsewhere");
}

TEST_F(SnapshotPublisherTest, FollowsWhatAnotherProcessDidWithTheStore) {
    ASSERT_TRUE(publisher->start());
    ASSERT_TRUE(publisher->follow());
    EXPECT_EQ(publisher->revision(), 1U) << "nothing is new";
    publish("shop", 1, "one");
    const model::ServiceId other = publish("other", 1, "two");
    ASSERT_TRUE(publisher->follow());
    ASSERT_TRUE(gateway->await_revision(2, SnapshotPublisher::kPatience));
    EXPECT_EQ(body(call("/test/shop/say")), "one");
    EXPECT_EQ(body(call("/test/other/say")), "two");
    // What a refresh of one service finds on its way is not read again.
    publish("shop", 2, "three");
    publisher->refresh({Change::Kind::Service, other});
    EXPECT_EQ(body(call("/test/shop/say")), "three");
    ASSERT_TRUE(publisher->follow());
    EXPECT_EQ(publisher->revision(), 3U);
}

TEST_F(SnapshotPublisherTest, AStoppedOrDeletedServiceIsGoneAtOnce) {
    ASSERT_TRUE(publisher->start());
    const model::ServiceId id = publish("shop", 1, "one");
    publisher->refresh({Change::Kind::Service, id});
    ASSERT_EQ(status(call("/test/shop/say")), "200");
    {
        model::Deployment stopped = deployment(id, environment("test"), 1);
        stopped.state = model::DeploymentState::Stopped;
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.deployments().put(stopped));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(status(call("/test/shop/say")), "404");
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.deployments().put(deployment(id, environment("test"), 1)));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(status(call("/test/shop/say")), "200");
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.services().remove(id));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(status(call("/test/shop/say")), "404");
}

TEST_F(SnapshotPublisherTest, APublishOfOtherThingsGivesNobodyAFreshAllowance) {
    const std::vector<model::PluginUse> limit{
        {.kind = "rate_limit", .config = {{"limit", 2}, {"unit", "hour"}}}};
    limit_origins = {
        {.api_id = {}, .kind = "rate_limit", .since = 1'699'999'999'000, .fingerprint = {}}};
    policies = limit;
    const model::ServiceId id = publish("shop", 1, "one");
    ASSERT_TRUE(publisher->start());
    EXPECT_EQ(status(call("/test/shop/say")), "200");
    publish("shop", 2, "two");
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(body(call("/test/shop/say")), "two");
    EXPECT_EQ(status(call("/test/shop/say")), "429");
    publish("shop", 3, "three");
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(status(call("/test/shop/say")), "429");
    // The limit itself changed: its window begins with the publish.
    limit_origins.front().since = world.clock.now_ms();
    policies.front().config["limit"] = 3;
    publish("shop", 4, "four");
    publisher->refresh({Change::Kind::Service, id});
    EXPECT_EQ(body(call("/test/shop/say")), "four");
}

TEST_F(SnapshotPublisherTest, CredentialsTakeEffectWithoutAPublish) {
    ASSERT_TRUE(publisher->start());
    const model::ServiceId id = publish("shop", 1, "secret", "basic");
    publisher->refresh({Change::Kind::Service, id});
    const std::string field = "Authorization: Basic " + to_base64("key:secret") + "\r\n";
    EXPECT_EQ(status(call("/test/shop/say", field)), "401");

    model::Credential credential;
    credential.id = model::CredentialId("crd_1");
    credential.owner.service_id = id;
    credential.name = "caller";
    credential.basic = {"key", Secret("secret")};
    credential.oauth2 = {"key2", Secret("secret2")};
    credential.hmac = {"key3", Secret("secret3")};
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.credentials().add(credential));
        ASSERT_TRUE(tx.grants().add({.id = model::GrantId("gra_1"),
                                     .credential_id = credential.id,
                                     .service_id = id,
                                     .api_id = {},
                                     .environments = {}}));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh({Change::Kind::Credentials, id});
    EXPECT_EQ(body(call("/test/shop/say", field)), "secret");

    credential.status = model::CredentialStatus::Disabled;
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.credentials().save(credential));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh({Change::Kind::Credentials, id});
    EXPECT_EQ(status(call("/test/shop/say", field)), "401");
}

TEST_F(SnapshotPublisherTest, ACredentialOfAUserOpensWhatItsGrantsName) {
    ASSERT_TRUE(publisher->start());
    const model::ServiceId shop = publish("shop", 1, "secret", "basic");
    publisher->refresh({Change::Kind::Service, shop});
    publisher->refresh({Change::Kind::Service, publish("pets", 1, "other", "basic")});
    model::Credential credential;
    credential.id = model::CredentialId("crd_1");
    credential.owner.user_id = model::UserId("usr_1");
    credential.owner.gateway_id = gateway_id;
    credential.name = "mine";
    credential.basic = {"key", Secret("secret")};
    credential.oauth2 = {"key2", Secret("secret2")};
    credential.hmac = {"key3", Secret("secret3")};
    const model::Change change = model::change_of(credential.owner);
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.users().add({.id = credential.owner.user_id, .name = "ada"}));
        ASSERT_TRUE(tx.credentials().add(credential));
        ASSERT_TRUE(tx.grants().add({.id = model::GrantId("gra_1"),
                                     .credential_id = credential.id,
                                     .service_id = shop,
                                     .api_id = {},
                                     .environments = {}}));
        ASSERT_TRUE(tx.commit());
    }
    const std::string field = "Authorization: Basic " + to_base64("key:secret") + "\r\n";
    // One change by itself, and everything read anew, end at the same.
    for (const Change& read : {change, Change{}}) {
        publisher->refresh(read);
        EXPECT_EQ(body(call("/test/shop/say", field)), "secret");
        EXPECT_EQ(status(call("/test/pets/say", field)), "403");
    }
    {
        auto tx = store->begin().value();
        ASSERT_TRUE(tx.grants().remove(model::GrantId("gra_1")));
        ASSERT_TRUE(tx.commit());
    }
    publisher->refresh(change);
    EXPECT_EQ(status(call("/test/shop/say", field)), "403");
}

TEST_F(SnapshotPublisherTest, AReleaseThatNoLongerCompilesStopsItsServiceOnly) {
    publish("good", 1, "fine");
    publish("bad", 1, "broken", "of-an-older-version");
    ASSERT_TRUE(publisher->start());
    EXPECT_EQ(body(call("/test/good/say")), "fine");
    EXPECT_EQ(status(call("/test/bad/say")), "404");
    const model::ServiceId bad = publish("bad", 2, "mended");
    publisher->refresh({Change::Kind::Service, bad});
    EXPECT_EQ(body(call("/test/bad/say")), "mended");
}

TEST_F(SnapshotPublisherTest, CheckCompilesWithoutInstalling) {
    ASSERT_TRUE(publisher->start());
    const model::ServiceId id = publish("shop", 1, "one");
    auto tx = store->read().value();
    const model::Service service = tx.services().get(id).value();
    model::Release release = tx.releases().get(id, 1).value();
    const model::Environment target = tx.environments().all().value().front();
    EXPECT_TRUE(publisher->check({service, release, target}));
    release.definition.apis.front().backend.config["status"] = 7;
    const Status refused = publisher->check({service, release, target});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().faults.front().pointer, "/apis/0/backend/config/status");
    EXPECT_EQ(publisher->revision(), 1U);
    EXPECT_EQ(status(call("/test/shop/say")), "404");
}

TEST_F(SnapshotPublisherTest, WhatDidNotChangeIsShared) {
    const model::ServiceId changed = publish("one", 1, "a");
    publish("two", 1, "b");
    ASSERT_TRUE(publisher->start());
    const std::size_t series = world.metrics.all().size();
    publish("one", 2, "c");
    publisher->refresh({Change::Kind::Service, changed});
    publisher->refresh({Change::Kind::Everything, {}});
    EXPECT_EQ(body(call("/test/one/say")), "c");
    EXPECT_EQ(body(call("/test/two/say")), "b");
    EXPECT_EQ(world.metrics.all().size(), series);
}

TEST_F(SnapshotPublisherTest, NoCallFailsOrMixesReleasesWhilePublishing) {
    const model::ServiceId id = publish("shop", 1, "release 1");
    ASSERT_TRUE(publisher->start());
    std::atomic<bool> is_done = false;
    std::atomic<int> wrong = 0;
    std::atomic<int> right = 0;
    std::thread caller([&] {
        while (!is_done) {
            const std::string answer = call("/test/shop/say");
            (status(answer) == "200" && body(answer).starts_with("release ") ? right : wrong)++;
        }
    });
    for (int number = 2; number <= 30; ++number) {
        publish("shop", number, "release " + std::to_string(number));
        publisher->refresh({Change::Kind::Service, id});
        EXPECT_EQ(body(call("/test/shop/say")), "release " + std::to_string(number));
    }
    is_done = true;
    caller.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(right, 0);
}

}  // namespace
}  // namespace lintel::compiler
