// What a store of before holds is all there after it was brought up to date.
#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "embedded/file_0001_core_sql.h"
#include "embedded/file_0002_domains_sql.h"
#include "embedded/file_0003_upstreams_sql.h"
#include "embedded/file_0004_people_sql.h"
#include "embedded/file_0005_changes_sql.h"
#include "sql/migrations.h"
#include "store/stored_test.h"

namespace lintel::store {
namespace {

/// At schema 5.
constexpr std::string_view kService =
    "INSERT INTO gateways VALUES ('gtw_1', 'default', 'Default', 1);"
    "INSERT INTO projects (id, gateway_id, name, is_default, created_at)"
    " VALUES ('prj_1', 'gtw_1', 'Default', TRUE, 1);"
    "INSERT INTO services VALUES ('svc_1', 'gtw_1', 'prj_1', 'pets', 'Pets', '', 'HTTP',"
    " 'Default', 1, 1, 1, 'x', 1, 'x');";

class OlderStoreTest : public StoredTest {
protected:
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
    static int count_grants(Transaction& tx, const std::optional<model::CredentialOwner>& owner) {
        int count = 0;
        EXPECT_TRUE(tx.grants().each(owner, [&](const model::Grant&) { ++count; }));
        return count;
    }
};

INSTANTIATE_TEST_SUITE_P(, OlderStoreTest, support::kEngines, support::engine_name);

TEST_P(OlderStoreTest, WhoWasThereBeforeRolesStaysAdministratorAndTheOldestIsRoot) {
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

TEST_P(OlderStoreTest, CallCredentialsOfBeforeTheCatalogKeepTheirPairsAndGrants) {
    const model::CredentialId id("crd_1");
    const crypto::Sealer sealer(key_, crypto::Purpose::Store);
    {
        sql::Database database = open_at_schema(5);
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        ASSERT_TRUE(tx.run_script(kService));
        ASSERT_TRUE(tx.run_script(
            "INSERT INTO credentials VALUES ('crd_1', 'svc_1', 'caller', 'old', 'enabled', 3, '{}',"
            " 2, 1, 'x', 1);"
            "INSERT INTO grants VALUES ('gra_1', 'crd_1', 'svc_1', '', '[]');"));
        for (const std::string type : {"basic", "oauth2", "hmac"}) {
            const std::string sealed = sealer.seal("the secret of " + type,
                                                   "key_pairs|crd_1/" + type + "|sealed_secret|1");
            ASSERT_TRUE(tx.execute("INSERT INTO key_pairs VALUES ('crd_1', $1, $2, $3)",
                                   {type, "the-key-" + type, to_base64(sealed)}));
        }
        ASSERT_TRUE(tx.commit());
    }
    const auto store = open();
    const model::CredentialOwner owner{.service_id = model::ServiceId("svc_1")};
    Transaction tx = store->begin().value();
    const auto credential = tx.credentials().get(owner, id, Secrets::Unsealed).value();
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        const std::string text(name(type));
        EXPECT_EQ(credential.pair(type).key, "the-key-" + text);
        EXPECT_EQ(credential.pair(type).secret.reveal(), "the secret of " + text);
    }
    EXPECT_EQ(credential.generation, 3);
    EXPECT_TRUE(credential.attributes.empty());
    ASSERT_EQ(count_grants(tx, owner), 1);
    for (const char* text : {"CALL", "old", "the-key-basic"}) {
        EXPECT_EQ(tx.credentials().list({.owner = owner, .text = text}, {})->size(), 1U) << text;
    }
    EXPECT_TRUE(tx.credentials().list({.owner = owner, .text = "secret"}, {})->empty());
    // What hangs on what is as before.
    ASSERT_TRUE(tx.services().remove(owner.service_id));
    EXPECT_EQ(tx.credentials().count(owner).value(), 0);
    EXPECT_EQ(count_grants(tx, {}), 0);
    EXPECT_FALSE(tx.credentials().key_exists(model::KeyPairType::Hmac, "the-key-hmac").value());
}

TEST_P(OlderStoreTest, EventsAndReleasesOfBeforeAreFoundByWhatIsWrittenBesideThemNow) {
    {
        sql::Database database = open_at_schema(5);
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        ASSERT_TRUE(tx.run_script(kService));
        ASSERT_TRUE(tx.run_script(
            "INSERT INTO environments VALUES ('env_1', 'gtw_1', 'release', 'R', 'running', 1, 1);"
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

}  // namespace
}  // namespace lintel::store
