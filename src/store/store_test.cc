#include "store/store.h"
#include "support/empty_database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.h"
#include "crypto/hash.h"
#include "embedded/file_0001_core_sql.h"
#include "embedded/file_0002_domains_sql.h"
#include "embedded/file_0003_upstreams_sql.h"
#include "embedded/file_0004_people_sql.h"
#include "embedded/file_0005_changes_sql.h"
#include "sql/migrations.h"

namespace lintel::store {
namespace {

class StoreTest : public support::OnBothEngines {
protected:
    Place place() const { return {.directory = place_.folder().path(), .server = place_.server()}; }
    std::unique_ptr<Store> open() { return Store::open(place(), key_, clock_).value(); }

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

    /// The database as the first migrations made it.
    sql::Database open_at_schema(std::size_t count) {
        const std::vector<std::pair<std::string_view, std::string_view>> files{
            {"0001_core.sql", embedded::file_0001_core_sql},
            {"0002_domains.sql", embedded::file_0002_domains_sql},
            {"0003_upstreams.sql", embedded::file_0003_upstreams_sql},
            {"0004_people.sql", embedded::file_0004_people_sql},
            {"0005_changes.sql", embedded::file_0005_changes_sql}};
        std::vector<std::string> checksums;
        for (const auto& [name, text] : files) {
            checksums.push_back(to_hex(crypto::sha256(text)));
        }
        std::vector<sql::Migration> migrations;
        for (std::size_t i = 0; i < count; ++i) {
            migrations.push_back(
                {static_cast<std::int64_t>(i + 1), files[i].first, files[i].second, checksums[i]});
        }
        sql::Database database = place_.open();
        EXPECT_TRUE(sql::migrate(database, migrations, clock_));
        return database;
    }

    const crypto::MasterKey key_ = crypto::MasterKey::generate();
    const FakeClock clock_{1'000'000};
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

TEST_P(StoreTest, WhoWasThereBeforeRolesStaysAdministratorAndTheOldestIsRoot) {
    {
        sql::Database database = open_at_schema(3);
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        for (const char* id : {"usr_2", "usr_1"}) {
            ASSERT_TRUE(
                tx.execute("INSERT INTO users (id, name, role, enabled, password_hash,"
                           " created_at) VALUES ($1, $1, 'administrator', TRUE, '', 1)",
                           {std::string(id)}));
        }
        ASSERT_TRUE(tx.commit());
    }
    const auto store = open();
    Transaction tx = store->read().value();
    const std::vector<model::User> users = tx.users().list("", {}).value();
    ASSERT_EQ(users.size(), 2U);
    EXPECT_TRUE(users[0].is_root && users[0].is_system_admin && users[0].enabled);
    EXPECT_TRUE(!users[1].is_root && users[1].is_system_admin);
}

TEST_P(StoreTest, CallCredentialsOfBeforeTheCatalogKeepTheirPairsAndGrants) {
    const model::CredentialId id("crd_1");
    const std::string sealed =
        to_base64(crypto::Sealer(key_, crypto::Purpose::Store)
                      .seal("the secret", "key_pairs|crd_1/hmac|sealed_secret|1"));
    {
        sql::Database database = open_at_schema(5);
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        ASSERT_TRUE(tx.run_script(
            "INSERT INTO gateways VALUES ('gtw_1', 'default', 'Default', 1);"
            "INSERT INTO projects (id, gateway_id, name, is_default, created_at)"
            " VALUES ('prj_1', 'gtw_1', 'Default', TRUE, 1);"
            "INSERT INTO services VALUES ('svc_1', 'gtw_1', 'prj_1', 'pets', 'Pets', '', 'HTTP',"
            " 'Default', 1, 0, 1, 'x', 1, 'x');"
            "INSERT INTO credentials VALUES ('crd_1', 'svc_1', 'caller', 'old', 'enabled', 3, '{}',"
            " 2, 1, 'x', 1);"
            "INSERT INTO grants VALUES ('gra_1', 'crd_1', 'svc_1', '', '[]');"));
        ASSERT_TRUE(
            tx.execute("INSERT INTO key_pairs VALUES ('crd_1', 'hmac', 'the-key', $1)", {sealed}));
        ASSERT_TRUE(tx.commit());
    }
    const auto store = open();
    const model::CredentialOwner owner{.service_id = model::ServiceId("svc_1")};
    Transaction tx = store->begin().value();
    const auto credential = tx.credentials().get(owner, id, Secrets::Unsealed).value();
    EXPECT_EQ(credential.hmac.key, "the-key");
    EXPECT_EQ(credential.hmac.secret.reveal(), "the secret");
    EXPECT_EQ(credential.generation, 3);
    EXPECT_TRUE(credential.attributes.empty());
    ASSERT_EQ(tx.grants().list(owner)->size(), 1U);
    for (const char* text : {"CALL", "old", "the-key"}) {
        EXPECT_EQ(tx.credentials().list({.owner = owner, .text = text}, {})->size(), 1U) << text;
    }
    EXPECT_TRUE(tx.credentials().list({.owner = owner, .text = "secret"}, {})->empty());
    // What hangs on what is as before.
    ASSERT_TRUE(tx.services().remove(owner.service_id));
    EXPECT_TRUE(tx.credentials().unsealed({})->empty());
    EXPECT_TRUE(tx.grants().list({})->empty());
    EXPECT_FALSE(tx.credentials().key_exists(model::KeyPairType::Hmac, "the-key").value());
}

TEST_P(StoreTest, EventsAndReleasesOfBeforeAreFoundByWhatIsWrittenBesideThemNow) {
    {
        sql::Database database = open_at_schema(5);
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        ASSERT_TRUE(tx.run_script(
            "INSERT INTO gateways VALUES ('gtw_1', 'default', 'Default', 1);"
            "INSERT INTO projects (id, gateway_id, name, is_default, created_at)"
            " VALUES ('prj_1', 'gtw_1', 'Default', TRUE, 1);"
            "INSERT INTO environments VALUES ('env_1', 'gtw_1', 'release', 'R', 'running', 1, 1);"
            "INSERT INTO services VALUES ('svc_1', 'gtw_1', 'prj_1', 'pets', 'Pets', '', 'HTTP',"
            " 'Default', 1, 1, 1, 'x', 1, 'x');"
            "INSERT INTO releases VALUES ('svc_1', 1,"
            " '{\"apis\":[{\"auth\":{\"kind\":\"basic\",\"config\":{}}}]}', '', 1, 'x');"
            "INSERT INTO deployments VALUES ('svc_1', 'env_1', 1, 'running', 1, 'x', '[]');"
            "INSERT INTO audit_events VALUES ('aud_1', 7, 'Ann', '', '', '', 'service.create',"
            " 'service', 'svc_1', 'Pets', 'succeeded', 'null', 'null');"));
        ASSERT_TRUE(tx.commit());
    }
    const auto store = open();
    Transaction tx = store->begin().value();
    EXPECT_EQ(tx.audit().list({.text = "ann"}, {})->size(), 1U);
    EXPECT_EQ(tx.audit().list({.text = "PETS"}, {})->size(), 1U);
    EXPECT_TRUE(tx.audit().list({.text = "dogs"}, {})->empty());
    ASSERT_TRUE(tx.listings().save({.service_id = model::ServiceId("svc_1"),
                                    .status = model::ListingStatus::Listed,
                                    .provider = "ann"}));
    const auto listed = [&tx](const char* auth) {
        return tx.listings()
            .catalog({.gateway_id = model::GatewayId("gtw_1"), .auth = auth}, {})
            ->size();
    };
    EXPECT_EQ(listed("basic"), 1U);
    EXPECT_EQ(listed("hmac"), 0U);
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
    {
        sql::Database raw = place_.open();
        sql::Transaction tx = raw.begin(sql::Access::Write).value();
        ASSERT_TRUE(
            tx.execute("UPDATE key_pairs SET sealed_secret = (SELECT sealed_secret FROM key_pairs"
                       " WHERE credential_id = $1 AND type = 'hmac')"
                       " WHERE credential_id = $2 AND type = 'hmac'",
                       {first.id.str(), second.id.str()}));
        ASSERT_TRUE(tx.commit());
    }
    Transaction tx = store->read().value();
    EXPECT_FALSE(tx.credentials().get({service.id, {}}, second.id, Secrets::Unsealed));
    EXPECT_TRUE(tx.credentials().get({service.id, {}}, first.id, Secrets::Unsealed));
    const auto served = tx.credentials().unsealed(model::CredentialOwner{service.id, {}}).value();
    ASSERT_EQ(served.size(), 1U);
    EXPECT_EQ(served[0].id, first.id);
    EXPECT_EQ(served[0].basic.secret.reveal(), "basic-secret-one");
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
    EXPECT_TRUE(tx.credentials().unsealed(model::CredentialOwner{service.id, {}})->empty());
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
