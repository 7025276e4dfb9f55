#include "store/store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.h"
#include "store/stored_test.h"

namespace lintel::store {
namespace {

class StoreTest : public StoredTest {
protected:
    /// A service with a draft and one credential.
    static model::Service add_service(Store& store, const std::string& code) {
        Transaction tx = store.begin().value();
        const model::Gateway gateway = *tx.gateways().find_by_code("default").value();
        const model::Service service{.id = model::ServiceId(make_id("svc")),
                                     .gateway_id = gateway.id,
                                     .project_id = tx.projects().default_of(gateway.id)->id,
                                     .code = code,
                                     .name = "Name of " + code,
                                     .created_at = 5};
        EXPECT_TRUE(tx.services().add(service));
        EXPECT_TRUE(tx.commit());
        return service;
    }
    static model::Credential add_credential(Store& store, const model::ServiceId& service,
                                            const std::string& suffix) {
        model::Credential credential;
        credential.id = model::CredentialId(make_id("crd"));
        credential.owner.service_id = service;
        credential.name = "credential " + suffix;
        credential.basic = {.key = "basic-" + suffix, .secret = Secret("basic-secret-" + suffix)};
        credential.oauth2 = {.key = "oauth2-" + suffix,
                             .secret = Secret("oauth2-secret-" + suffix)};
        credential.hmac = {.key = "hmac-" + suffix, .secret = Secret("hmac-secret-" + suffix)};
        Transaction tx = store.begin().value();
        EXPECT_TRUE(tx.credentials().add(credential));
        EXPECT_TRUE(tx.commit());
        return credential;
    }
    /// A statement that the store itself would not run.
    void damage(std::string_view statement, std::initializer_list<sql::Value> values) {
        sql::Database raw = place_.open();
        sql::Transaction tx = raw.begin(sql::Access::Write).value();
        EXPECT_EQ(tx.execute(statement, values).value(), 1);
        EXPECT_TRUE(tx.commit());
    }
    static std::vector<model::Credential> unsealed(Transaction& tx,
                                                   const model::ServiceId& service) {
        std::vector<model::Credential> found;
        EXPECT_TRUE(tx.credentials().each_unsealed(
            {{.service_id = service}},
            [&](model::Credential credential) { found.push_back(std::move(credential)); }));
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(, StoreTest, support::kEngines, support::engine_name);

TEST_P(StoreTest, AFreshOneHasAGatewayAProjectAGroupAndThreeEnvironments) {
    EXPECT_FALSE(Store::exists(place(), clock_).value());
    const auto store = open();
    EXPECT_TRUE(Store::exists(place(), clock_).value());
    Transaction tx = store->read().value();
    std::vector<std::string> codes;
    for (const model::Environment& environment : tx.environments().all().value()) {
        codes.push_back(environment.code);
    }
    EXPECT_EQ(codes, (std::vector<std::string>{"test", "prepub", "release"}));
    const auto gateway = tx.gateways().find_by_code("default").value();
    ASSERT_TRUE(gateway);
    const model::Project project = tx.projects().default_of(gateway->id).value();
    EXPECT_EQ(tx.groups().list(project.id)->at(0).name, "Default");
}

TEST_P(StoreTest, AnEventThatCannotBeWrittenTakesItsChangeWithIt) {
    const auto store = open();
    const model::AuditEvent event{.id = model::AuditEventId("aud_1"), .action = "group.create"};
    const auto write = [&](const std::string& name) -> Status {
        Transaction tx = store->begin().value();
        const model::GatewayId gateway = tx.gateways().find_by_code("default").value()->id;
        RETURN_IF_ERROR(tx.groups().add({.id = model::GroupId("grp_" + name),
                                         .project_id = tx.projects().default_of(gateway)->id,
                                         .name = name}));
        RETURN_IF_ERROR(tx.audit().add(event));
        return tx.commit();
    };
    ASSERT_TRUE(write("first"));
    ASSERT_FALSE(write("second")) << "the event is there already";
    Transaction tx = store->read().value();
    const model::GatewayId gateway = tx.gateways().find_by_code("default").value()->id;
    const model::ProjectId project = tx.projects().default_of(gateway)->id;
    EXPECT_TRUE(tx.groups().find(project, "first").value());
    EXPECT_FALSE(tx.groups().find(project, "second").value());
}

TEST_P(StoreTest, OpeningAgainChangesNothing) {
    const model::Service service = add_service(*open(), "pets");
    const auto store = open();
    Transaction tx = store->read().value();
    EXPECT_EQ(tx.environments().all()->size(), 3U);
    EXPECT_EQ(tx.services().get(service.gateway_id, "pets")->id, service.id);
    EXPECT_EQ(tx.services().get(service.id)->name, "Name of pets");
    EXPECT_EQ(tx.services().get(service.gateway_id, "none").error().code, Code::NotFound);
    for (const std::string& known : {service.code, service.id.str()}) {
        EXPECT_EQ(tx.services().get(model::GatewayId("gw_other"), known).error().code,
                  Code::NotFound);
    }
}

TEST_P(StoreTest, AnotherMasterKeyStopsTheStart) {
    open();
    const auto wrong = Store::open(place(), crypto::MasterKey::generate(), clock_);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::StartFailed);
}

TEST_P(StoreTest, ADirectoryThatCannotBeMadeIsASentence) {
    std::ofstream(place_.folder() / "file") << "x";
    const auto store = Store::open({place_.folder() / "file" / "data"}, key_, clock_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::StartFailed);
    EXPECT_TRUE(store.error().message.contains("--data"));
}

TEST_P(StoreTest, SecretsAreNowhereInTheFiles) {
    {
        const auto store = open();
        const model::Service service = add_service(*store, "pets");
        const model::Credential made = add_credential(*store, service.id, "one");
        Transaction tx = store->read().value();
        const auto read =
            tx.credentials().get({service.id, {}}, made.id, Secrets::Unsealed).value();
        EXPECT_EQ(read.hmac.secret.reveal(), "hmac-secret-one");
        EXPECT_EQ(read.oauth2.key, "oauth2-one");
        const auto sealed =
            tx.credentials().get({service.id, {}}, made.id, Secrets::Sealed).value();
        EXPECT_TRUE(sealed.basic.secret.empty());
        EXPECT_EQ(sealed.basic.key, "basic-one");
        for (const auto& file : std::filesystem::directory_iterator(place_.folder().path())) {
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), {});
            EXPECT_FALSE(bytes.contains("secret-one")) << file.path();
        }
    }
}

TEST_P(StoreTest, ASealedSecretThatWasMovedIsNotOpened) {
    const auto store = open();
    const model::Service service = add_service(*store, "pets");
    const model::Credential first = add_credential(*store, service.id, "one");
    const model::Credential second = add_credential(*store, service.id, "two");
    damage(
        "UPDATE key_pairs SET sealed_secret = (SELECT sealed_secret FROM key_pairs"
        " WHERE credential_id = $1 AND type = 'hmac')"
        " WHERE credential_id = $2 AND type = 'hmac'",
        {first.id.str(), second.id.str()});
    Transaction tx = store->read().value();
    EXPECT_FALSE(tx.credentials().get({service.id, {}}, second.id, Secrets::Unsealed));
    EXPECT_TRUE(tx.credentials().get({service.id, {}}, first.id, Secrets::Unsealed));
    const auto served = unsealed(tx, service.id);
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].id, first.id);
    EXPECT_EQ(served[0].basic.secret.reveal(), "basic-secret-one");
}

TEST_P(StoreTest, ACredentialThatLostAPairOpensNothingButCanBeSeenAndRemoved) {
    const auto store = open();
    const model::Service service = add_service(*store, "pets");
    const model::Credential damaged = add_credential(*store, service.id, "one");
    const model::Credential whole = add_credential(*store, service.id, "two");
    damage("DELETE FROM key_pairs WHERE credential_id = $1 AND type = 'hmac'", {damaged.id.str()});
    Transaction tx = store->begin().value();
    const auto served = unsealed(tx, service.id);
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].id, whole.id);
    EXPECT_FALSE(tx.credentials().get({service.id, {}}, damaged.id, Secrets::Unsealed));
    EXPECT_EQ(tx.credentials().list({.owner = {service.id, {}}}, {})->size(), 2U);
    const auto seen = tx.credentials().get({service.id, {}}, damaged.id, Secrets::Sealed);
    ASSERT_TRUE(seen) << seen.error().cause;
    EXPECT_EQ(seen->basic.key, "basic-one");
    EXPECT_TRUE(seen->hmac.key.empty());
    EXPECT_TRUE(tx.credentials().remove(damaged.id));
}

TEST_P(StoreTest, KeysAreUniquePerTypeOverTheInstallation) {
    const auto store = open();
    const model::Service one = add_service(*store, "one");
    const model::Service two = add_service(*store, "two");
    model::Credential credential = add_credential(*store, one.id, "x");
    credential.id = model::CredentialId(make_id("crd"));
    credential.owner.service_id = two.id;
    EXPECT_EQ(store->begin()->credentials().add(credential).error().code, Code::NameTaken);
    Transaction tx = store->read().value();
    EXPECT_TRUE(tx.credentials().key_exists(model::KeyPairType::Hmac, "hmac-x").value());
    EXPECT_FALSE(tx.credentials().key_exists(model::KeyPairType::Basic, "hmac-x").value());
}

TEST_P(StoreTest, ServicesAreFilteredAndPagedByKey) {
    const auto store = open();
    for (const char* code : {"alpha", "beta", "gamma", "be_a", "b-ta"}) {
        add_service(*store, code);
    }
    Transaction tx = store->read().value();
    const auto first = tx.services().list({}, {.after = "", .limit = 2}).value();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].code, "b-ta");
    const auto rest = tx.services().list({}, {.after = first[1].id.str(), .limit = 10}).value();
    EXPECT_EQ(rest.size(), 3U);
    EXPECT_EQ(tx.services().list({.name = "Name of beta"}, {}).value().size(), 1U);
    EXPECT_EQ(tx.services().list({.text = "OF GAM"}, {}).value().at(0).code, "gamma");
    EXPECT_EQ(tx.services().list({.text = "e_a"}, {}).value().size(), 1U) << "'_' means itself";
    EXPECT_TRUE(tx.services().list({.text = "%"}, {}).value().empty());
    EXPECT_EQ(tx.services().list({.status = model::ServiceStatus::Stopped}, {}).value().size(), 5U)
        << "no draft and nothing runs";
}

TEST_P(StoreTest, DeletingAServiceTakesEverythingAlong) {
    const auto store = open();
    const model::Service service = add_service(*store, "pets");
    add_credential(*store, service.id, "one");
    {
        Transaction tx = store->begin().value();
        model::Service published = service;
        ASSERT_TRUE(tx.drafts().put({.service_id = service.id}));
        ASSERT_TRUE(tx.releases().add({.service_id = service.id, .number = 1}));
        const auto environment = tx.environments().all()->at(0);
        ASSERT_TRUE(tx.deployments().put(
            {.service_id = service.id, .environment_id = environment.id, .release = 1}));
        ASSERT_TRUE(tx.services().remove(service.id));
        ASSERT_TRUE(tx.commit());
    }
    Transaction tx = store->read().value();
    EXPECT_FALSE(tx.releases().find(service.id, 1).value());
    EXPECT_TRUE(tx.deployments().of_service(service.id)->empty());
    EXPECT_TRUE(unsealed(tx, service.id).empty());
}

TEST_P(StoreTest, StoredAnswersAreSealedAndComeBack) {
    const auto store = open();
    Transaction tx = store->begin().value();
    ASSERT_TRUE(tx.idempotency().put({.owner = "usr_1",
                                      .key = "k",
                                      .request_sha256 = "aa",
                                      .status = 201,
                                      .answer = "{\"secret\":1}",
                                      .created_at = 7}));
    const auto entry = tx.idempotency().find("usr_1", "k").value();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->status, 201);
    EXPECT_EQ(entry->answer, "{\"secret\":1}");
    EXPECT_FALSE(tx.idempotency().find("usr_2", "k").value());
}

TEST_P(StoreTest, WhatWasChangedForCallersIsToldInOrder) {
    const auto store = open();
    const auto other = open();
    const News start = other->read()->changes().after(0).value();
    EXPECT_EQ(start.changes, (std::vector<model::Change>{{}})) << "the environments are new";
    const model::Service service = add_service(*store, "pets");
    EXPECT_TRUE(other->read()->changes().after(start.latest)->changes.empty())
        << "nobody can call a draft";

    const model::Credential credential = add_credential(*store, service.id, "one");
    const model::Change credentials{.kind = model::Change::Kind::Credentials,
                                    .service_id = service.id};
    News news = other->read()->changes().after(start.latest).value();
    EXPECT_EQ(news.changes, std::vector{credentials});
    {
        Transaction tx = store->begin().value();
        ASSERT_TRUE(tx.credentials().remove(credential.id));
        ASSERT_TRUE(tx.services().remove(service.id));
        EXPECT_TRUE(other->read()->changes().after(news.latest)->changes.empty());
        ASSERT_TRUE(tx.commit());
    }
    news = other->read()->changes().after(news.latest).value();
    EXPECT_EQ(news.changes,
              (std::vector{credentials, model::Change{.kind = model::Change::Kind::Service,
                                                      .service_id = service.id}}));
    EXPECT_TRUE(other->read()->changes().after(news.latest)->changes.empty());
}

TEST_P(StoreTest, WhoIsTooFarBehindReadsEverything) {
    const auto store = open();
    const std::vector<model::Change> everything{{}};
    std::vector<model::Change> many(static_cast<std::size_t>(Changes::kKept) + 1,
                                    {.kind = model::Change::Kind::Domains});
    {
        Transaction tx = store->begin().value();
        ASSERT_TRUE(tx.changes().add(many));
        ASSERT_TRUE(tx.commit());
    }
    Transaction tx = store->read().value();
    const News news = tx.changes().after(0).value();
    EXPECT_EQ(news.changes, everything);
    EXPECT_EQ(tx.changes().after(1)->changes, everything);
    EXPECT_TRUE(tx.changes().after(news.latest)->changes.empty());
    EXPECT_EQ(tx.changes().after(news.latest - 1)->changes.size(), 1U);
    // The number of a store that was there before a backup was put in its place.
    const News restored = tx.changes().after(news.latest + 7).value();
    EXPECT_EQ(restored.changes, everything);
    EXPECT_EQ(restored.latest, news.latest);
}

TEST_P(StoreTest, TextThatCannotBeStoredIsRefusedOrKept) {
    const auto store = open();
    Transaction tx = store->read().value();
    for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
        const auto found = tx.services().list({.name = text}, {});
        if (!found) { EXPECT_EQ(found.error().code, Code::FieldInvalid); }
        if (!found) { break; }
        EXPECT_TRUE(found->empty());
    }
}

}  // namespace
}  // namespace lintel::store
