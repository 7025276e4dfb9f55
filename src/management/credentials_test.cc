#include "management/credentials.h"

#include "management/audit.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class CredentialsTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        create_pets();
    }
    model::Credential create(const std::string& name) {
        const auto created = create_credential(*m_, caller_, {.service = "pets", .name = name});
        EXPECT_TRUE(created) << created.error().message;
        return created->value;
    }
    ServedCredentials served() {
        return Scenario::served({{.service_id = show_service(*m_, caller_, "pets")->service.id}});
    }
};

TEST_F(CredentialsTest, ThreePairsAreMadeAndOneGrant) {
    const model::Credential made = create("Shop");
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        EXPECT_EQ(made.pair(type).key.size(), 20U);
        EXPECT_EQ(made.pair(type).secret.reveal().size(), 40U);
    }
    EXPECT_NE(made.basic.key, made.hmac.key);
    const ServedCredentials loaded = served();
    ASSERT_EQ(loaded.credentials.size(), 1U);
    EXPECT_EQ(loaded.credentials[0].hmac.secret.reveal(), made.hmac.secret.reveal());
    ASSERT_EQ(loaded.grants.size(), 1U);
    EXPECT_TRUE(loaded.grants[0].api_id.empty());
    EXPECT_EQ(publisher_.changes.back().kind, Change::Kind::Credentials);
}

TEST_F(CredentialsTest, GivenKeysAreTakenCheckedAndUnique) {
    NewCredential request{.service = "pets", .name = "Given"};
    request.pairs[model::KeyPairType::Hmac] = {.key = "app-key.1",
                                               .secret = Secret("app-secret-1")};
    const auto made = create_credential(*m_, caller_, request);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->value.hmac.key, "app-key.1");
    EXPECT_EQ(made->value.hmac.secret.reveal(), "app-secret-1");
    EXPECT_EQ(made->value.basic.key.size(), 20U);
    request.name = "Again";
    const auto taken = create_credential(*m_, caller_, request);
    ASSERT_FALSE(taken);
    EXPECT_TRUE(has_fault(taken.error(), "/key_pairs/hmac/key", "key.taken"));
    request.pairs = {{model::KeyPairType::Basic, {.key = "a:b"}}};
    EXPECT_TRUE(has_fault(create_credential(*m_, caller_, request).error(), "/key_pairs/basic/key",
                          "credential.key"));
    request.pairs = {{model::KeyPairType::Basic, {.secret = Secret("short")}}};
    EXPECT_TRUE(has_fault(create_credential(*m_, caller_, request).error(),
                          "/key_pairs/basic/secret", "credential.secret"));
}

TEST_F(CredentialsTest, NamesAreRequiredAndUniqueInTheService) {
    create("Shop");
    EXPECT_EQ(create_credential(*m_, caller_, {.service = "pets", .name = "Shop"}).error().code,
              Code::NameTaken);
    EXPECT_TRUE(has_fault(create_credential(*m_, caller_, {.service = "pets", .name = ""}).error(),
                          "/name", "field.required"));
    create_pets("cats");
    EXPECT_TRUE(create_credential(*m_, caller_, {.service = "cats", .name = "Shop"}));
}

TEST_F(CredentialsTest, SecretsAreRevealedOnRequestAndThatIsAudited) {
    const model::Credential made = create("Shop");
    EXPECT_TRUE(show_credential(*m_, caller_, {"pets", made.id})->hmac.secret.empty());
    EXPECT_TRUE(
        list_credentials(*m_, caller_, {.service = "pets"}, {})->items.at(0).hmac.secret.empty());
    EXPECT_EQ(reveal_credential(*m_, caller_, {"pets", made.id})->hmac.secret.reveal(),
              made.hmac.secret.reveal());
    EXPECT_EQ(audited("credential.reveal"), 1U);
    const Caller reader = with_permissions({"credential:read"});
    EXPECT_EQ(reveal_credential(*m_, reader, {"pets", made.id}).error().code,
              Code::PermissionDenied);
    EXPECT_EQ(audited("credential.reveal"), 1U);
}

TEST_F(CredentialsTest, NoSecretReachesTheAudit) {
    const model::Credential made = create("Shop");
    ASSERT_TRUE(
        reset_key_pair(*m_, caller_, {"pets", made.id},
                       {.type = model::KeyPairType::Hmac, .secret = Secret("my-new-secret")}));
    for (const model::AuditEvent& event : list_audit_events(*m_, caller_, {}, {})->items) {
        const std::string text = data::dump(model::to_json(event));
        EXPECT_FALSE(text.contains("my-new-secret"));
        EXPECT_FALSE(text.contains(made.hmac.secret.reveal()));
    }
}

TEST_F(CredentialsTest, ResetKeepsTheKeyAndEndsTheTokens) {
    const model::Credential made = create("Shop");
    const auto reset =
        reset_key_pair(*m_, caller_, {"pets", made.id}, {.type = model::KeyPairType::OAuth2});
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->value.oauth2.key, made.oauth2.key);
    EXPECT_NE(reset->value.oauth2.secret.reveal(), made.oauth2.secret.reveal());
    const ServedCredentials loaded = served();
    EXPECT_EQ(loaded.credentials[0].generation, made.generation + 1);
    EXPECT_EQ(loaded.credentials[0].basic.secret.reveal(), made.basic.secret.reveal());
}

TEST_F(CredentialsTest, DisablingRaisesTheGenerationEnablingDoesNot) {
    const model::Credential made = create("Shop");
    ASSERT_TRUE(edit_credential(*m_, caller_, {"pets", made.id},
                                {.status = model::CredentialStatus::Disabled}, 1));
    EXPECT_EQ(served().credentials[0].status, model::CredentialStatus::Disabled);
    EXPECT_EQ(served().credentials[0].generation, 3);
    ASSERT_TRUE(edit_credential(*m_, caller_, {"pets", made.id},
                                {.status = model::CredentialStatus::Enabled}, {}));
    EXPECT_EQ(served().credentials[0].generation, 3);
    EXPECT_EQ(edit_credential(*m_, caller_, {"pets", made.id}, {.name = "X"}, 1).error().code,
              Code::PreconditionFailed);
}

TEST_F(CredentialsTest, AnOverlapKeepsTheSecretBeforeTheResetAndOnlyThatOne) {
    const model::Credential made = create("Shop");
    const CredentialRef ref{"pets", made.id};
    const KeyPairReset reset{.type = model::KeyPairType::Basic, .overlap = std::chrono::hours(1)};
    const TimeMs until = clock_.now_ms() + 3'600'000;
    const auto first = reset_key_pair(*m_, caller_, ref, reset);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->value.basic.previous_until, until);
    EXPECT_TRUE(first->value.basic.previous.empty()) << "the answer holds the new secret only";
    const model::Credential served_first = served().credentials[0];
    EXPECT_EQ(served_first.basic.secret.reveal(), first->value.basic.secret.reveal());
    EXPECT_EQ(served_first.basic.previous.reveal(), made.basic.secret.reveal());
    EXPECT_EQ(served_first.generation, made.generation) << "no token came by the basic pair";
    EXPECT_EQ(show_credential(*m_, caller_, ref)->basic.previous_until, until);

    clock_.advance(std::chrono::minutes(10));
    const auto second = reset_key_pair(*m_, caller_, ref, reset);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->value.basic.previous_until, until + 600'000);
    EXPECT_EQ(served().credentials[0].basic.previous.reveal(), first->value.basic.secret.reveal());
    ASSERT_TRUE(reset_key_pair(*m_, caller_, ref, {.type = model::KeyPairType::Basic}));
    EXPECT_TRUE(served().credentials[0].basic.previous.empty()) << "at once ends all before";
    EXPECT_EQ(served().credentials[0].basic.previous_until, 0);
}

TEST_F(CredentialsTest, AnOverlapIsBoundedAndCanBeEnded) {
    const model::Credential made = create("Shop");
    const CredentialRef ref{"pets", made.id};
    KeyPairReset reset{.type = model::KeyPairType::OAuth2, .overlap = model::kMaxOverlap};
    reset.overlap += std::chrono::seconds(1);
    EXPECT_TRUE(
        has_fault(reset_key_pair(*m_, caller_, ref, reset).error(), "/overlap_s", "field.range"));
    reset.overlap = model::kMaxOverlap;
    ASSERT_TRUE(reset_key_pair(*m_, caller_, ref, reset));
    EXPECT_EQ(end_overlap(*m_, caller_, ref, model::KeyPairType::Hmac).error().code,
              Code::StateConflict);
    const auto ended = end_overlap(*m_, caller_, ref, model::KeyPairType::OAuth2);
    ASSERT_TRUE(ended) << ended.error().message;
    EXPECT_EQ(ended->value.version, 3);
    EXPECT_EQ(served().credentials[0].oauth2.previous_until, 0);
    EXPECT_EQ(audited("credential.end_overlap"), 1U);
    EXPECT_EQ(end_overlap(*m_, caller_, ref, model::KeyPairType::OAuth2).error().code,
              Code::StateConflict);
    ASSERT_TRUE(reset_key_pair(*m_, caller_, ref, reset));
    clock_.advance(model::kMaxOverlap);
    EXPECT_EQ(end_overlap(*m_, caller_, ref, model::KeyPairType::OAuth2).error().code,
              Code::StateConflict)
        << "its time is up";
}

TEST_F(CredentialsTest, DeletedOnesAreGoneAtOnce) {
    const model::Credential made = create("Shop");
    const std::uint64_t before = publisher_.revision();
    const auto deleted = delete_credential(*m_, caller_, {"pets", made.id}, {});
    ASSERT_TRUE(deleted);
    EXPECT_EQ(deleted->revision, before + 1);
    EXPECT_TRUE(served().credentials.empty());
    EXPECT_TRUE(served().grants.empty());
    EXPECT_EQ(show_credential(*m_, caller_, {"pets", made.id}).error().code, Code::NotFound);
}

TEST_F(CredentialsTest, ACredentialOfAnotherServiceIsNotFound) {
    const model::Credential made = create("Shop");
    create_pets("cats");
    EXPECT_EQ(show_credential(*m_, caller_, {"cats", made.id}).error().code, Code::NotFound);
}

}  // namespace
}  // namespace lintel::management
