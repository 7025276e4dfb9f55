#include "management/grants.h"

#include "management/credentials.h"
#include "management/published.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class GrantsTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        create_pets();
        api_ = list_apis(*m_, caller_, {.service = "pets"}, {}, {})->items.at(0).id;
        store::Transaction tx = *m_->store.begin();
        const model::Gateway gateway = *tx.gateways().find_by_code("default").value();
        gateway_ = gateway.id;
        ASSERT_TRUE(tx.users().add({.id = user_, .name = "ada"}));
        model::Credential credential;
        credential.id = credential_;
        credential.owner = {.user_id = user_, .gateway_id = gateway_};
        ASSERT_TRUE(tx.credentials().add(credential));
        ASSERT_TRUE(tx.commit());
    }
    Result<Written<GrantView>> grant(std::vector<std::string> environments = {},
                                     std::optional<TimeMs> expires_at = {}) {
        return create_grant(*m_, caller_,
                            {.service = "pets",
                             .credential = credential_,
                             .api = api_,
                             .environments = std::move(environments),
                             .expires_at = expires_at});
    }
    std::vector<model::Grant> served() { return Scenario::served({{.user_id = user_}}).grants; }
    model::ApiId api_;
    model::GatewayId gateway_;
    model::UserId user_{"usr_1"};
    model::CredentialId credential_{"crd_1"};
};

TEST_F(GrantsTest, TheDataPlaneIsToldOfTheCredentialOnly) {
    const auto made = grant({"release"}, clock_.now_ms() + 1);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(publisher_.changes.back(), model::change_of({.user_id = user_}));
    ASSERT_EQ(served().size(), 1U);
    EXPECT_EQ(served()[0].api_id, api_);
    EXPECT_EQ(served()[0].environments.size(), 1U);
    EXPECT_EQ(served()[0].expires_at, clock_.now_ms() + 1);
    EXPECT_EQ(audited("grant.create"), 1U);
    ASSERT_TRUE(revoke_grant(*m_, caller_, {"pets", made->value.row.grant.id}, 1));
    EXPECT_TRUE(served().empty());
    EXPECT_EQ(audited("grant.revoke"), 1U);
}

TEST_F(GrantsTest, AnExpiryLiesAhead) {
    EXPECT_TRUE(has_fault(grant({}, clock_.now_ms()).error(), "/expires_at", "field.range"));
    const auto made = grant({}, clock_.now_ms() + 1);
    ASSERT_TRUE(made);
    const GrantRef ref{"pets", made->value.row.grant.id};
    EXPECT_TRUE(has_fault(set_grant_expiry(*m_, caller_, ref, clock_.now_ms(), {}).error(),
                          "/expires_at", "field.range"));
    EXPECT_EQ(set_grant_expiry(*m_, caller_, ref, {}, 7).error().code, Code::PreconditionFailed);
    const auto lasting = set_grant_expiry(*m_, caller_, ref, {}, 1);
    ASSERT_TRUE(lasting);
    EXPECT_EQ(lasting->value.row.grant.expires_at, 0);
    EXPECT_EQ(lasting->value.row.grant.version, 2);
}

TEST_F(GrantsTest, OneForEachApiAndEnvironment) {
    ASSERT_TRUE(grant({"release"}));
    EXPECT_EQ(grant({"release", "test"}).error().code, Code::GrantExists);
    EXPECT_EQ(grant().error().code, Code::GrantExists) << "every environment, that one too";
    ASSERT_TRUE(grant({"test"}));
    EXPECT_EQ(served().size(), 2U);
}

TEST_F(GrantsTest, ACredentialHasBoundedlyMany) {
    store::Transaction tx = *m_->store.begin();
    for (int i = 0; i < model::kMaxDirectGrants; ++i) {
        ASSERT_TRUE(tx.grants().add({.id = model::GrantId("gra_" + std::to_string(i)),
                                     .credential_id = credential_,
                                     .service_id = show_service(*m_, caller_, "pets")->service.id,
                                     .api_id = model::ApiId("api_" + std::to_string(i)),
                                     .is_direct = true}));
    }
    ASSERT_TRUE(tx.commit());
    EXPECT_EQ(grant().error().code, Code::StateConflict);
}

TEST_F(GrantsTest, ItEndsWhenNoDraftAndNoDeployedReleaseHasTheApi) {
    publish_pets({"release", "test"});
    ASSERT_TRUE(grant());
    ASSERT_TRUE(copy_release(*m_, caller_, {.service = "pets"}));
    const auto other = create_api(*m_, caller_, "pets", api("cats", "/cats"), {});
    ASSERT_TRUE(other) << other.error().message;
    ASSERT_TRUE(delete_api(*m_, caller_, "pets", api_, {}));
    EXPECT_EQ(served().size(), 1U) << "it is deployed";
    publish_pets({"test"});
    EXPECT_EQ(served().size(), 1U) << "it is deployed in another environment";
    ASSERT_TRUE(
        publish(*m_, caller_, {.service = "pets", .environments = {"release"}, .release = 2}));
    EXPECT_TRUE(served().empty());
    EXPECT_EQ(audited("grant.end"), 1U);
}

TEST_F(GrantsTest, CallCredentialsAreNotGranted) {
    const auto made = create_credential(*m_, caller_, {.service = "pets", .name = "call"});
    ASSERT_TRUE(made);
    credential_ = made->value.id;
    EXPECT_TRUE(has_fault(grant().error(), "/credential", "credential.unknown"));
}

}  // namespace
}  // namespace lintel::management
