#include "store/usage.h"

#include <gtest/gtest.h>

#include "store/stored_test.h"

namespace lintel::store {
namespace {

constexpr std::int64_t kMinute = 60'000;

class UsageTest : public StoredTest {
protected:
    void SetUp() override {
        StoredTest::SetUp();
        if (IsSkipped()) { return; }
        store_ = open();
        Transaction tx = store_->begin().value();
        const model::Gateway gateway = *tx.gateways().find_by_code("default").value();
        service_ = {.id = model::ServiceId("svc_1"),
                    .gateway_id = gateway.id,
                    .project_id = tx.projects().default_of(gateway.id)->id,
                    .code = "pets",
                    .name = "Pets"};
        ASSERT_TRUE(tx.services().add(service_));
        credential_.id = model::CredentialId("crd_1");
        credential_.owner.service_id = service_.id;
        credential_.basic = {.key = "basic", .secret = Secret("first secret")};
        ASSERT_TRUE(tx.credentials().add(credential_));
        ASSERT_TRUE(tx.commit());
    }
    model::Credential stored(Secrets secrets = Secrets::Sealed) {
        Transaction tx = store_->read().value();
        return tx.credentials().get(credential_.owner, credential_.id, secrets).value();
    }
    template <typename Change>
    void write(Change change) {
        Transaction tx = store_->begin().value();
        ASSERT_TRUE(change(tx));
        ASSERT_TRUE(tx.commit());
    }
    std::int64_t calls_since(std::int64_t minute) {
        Transaction tx = store_->read().value();
        return tx.usage().calls_since(service_.id, minute).value();
    }

    std::unique_ptr<Store> store_;
    model::Service service_;
    model::Credential credential_;
};

INSTANTIATE_TEST_SUITE_P(, UsageTest, support::kEngines, support::engine_name);

TEST_P(UsageTest, TheLaterTimeStaysWhoeverWritesLast) {
    for (const std::int64_t at : {5 * kMinute, 7 * kMinute, 6 * kMinute}) {
        write([&](Transaction& tx) {
            return tx.usage().note_use(credential_.id, model::KeyPairType::Basic, at);
        });
    }
    EXPECT_EQ(stored().basic.last_used_at, 7 * kMinute);
    EXPECT_EQ(stored().hmac.last_used_at, 0);
    EXPECT_EQ(stored().version, credential_.version);
    write([&](Transaction& tx) {
        return tx.usage().note_use(model::CredentialId("gone"), model::KeyPairType::Basic, 1);
    });
}

TEST_P(UsageTest, NobodyIsToldOfIt) {
    Transaction before = store_->read().value();
    const std::int64_t latest = before.changes().after(0)->latest;
    write([&](Transaction& tx) {
        return tx.usage().note_use(credential_.id, model::KeyPairType::Basic, kMinute);
    });
    Transaction after = store_->read().value();
    EXPECT_EQ(after.changes().after(latest)->latest, latest);
}

TEST_P(UsageTest, CallsAddUpByTheMinuteAndAreForgotten) {
    for (const auto& [environment, minute, calls] :
         {std::tuple{"release", 100, 3}, std::tuple{"release", 100, 4}, std::tuple{"test", 100, 1},
          std::tuple{"release", 101, 2}}) {
        write([&](Transaction& tx) {
            return tx.usage().add_calls({.gateway = "default",
                                         .service = "pets",
                                         .environment = environment,
                                         .minute = minute,
                                         .calls = calls});
        });
    }
    EXPECT_EQ(calls_since(100), 10);
    EXPECT_EQ(calls_since(101), 2);
    EXPECT_EQ(calls_since(102), 0);
    write([](Transaction& tx) { return tx.usage().forget_before(101); });
    EXPECT_EQ(calls_since(0), 2);
}

TEST_P(UsageTest, CallsOfAServiceThatIsGoneArePassedOver) {
    write([](Transaction& tx) {
        return tx.usage().add_calls({.gateway = "default",
                                     .service = "cats",
                                     .environment = "release",
                                     .minute = 1,
                                     .calls = 1});
    });
    write([](Transaction& tx) {
        return tx.usage().add_calls({.gateway = "shop",
                                     .service = "pets",
                                     .environment = "release",
                                     .minute = 1,
                                     .calls = 1});
    });
    EXPECT_EQ(calls_since(0), 0);
}

TEST_P(UsageTest, AReplacedSecretIsKeptSealedForItself) {
    write([&](Transaction& tx) {
        return tx.credentials().replace_secret(credential_.id, model::KeyPairType::Basic,
                                               Secret("second secret"), 9 * kMinute);
    });
    EXPECT_EQ(stored(Secrets::Unsealed).basic.secret.reveal(), "second secret");
    EXPECT_EQ(stored(Secrets::Unsealed).basic.previous.reveal(), "first secret");
    EXPECT_EQ(stored().basic.previous_until, 9 * kMinute);
    EXPECT_TRUE(stored().basic.previous.empty()) << "sealed";
    write([&](Transaction& tx) {
        return tx.credentials().forget_previous(credential_.id, model::KeyPairType::Basic);
    });
    EXPECT_TRUE(stored(Secrets::Unsealed).basic.previous.empty());
    EXPECT_EQ(stored().basic.previous_until, 0);
}

}  // namespace
}  // namespace lintel::store
