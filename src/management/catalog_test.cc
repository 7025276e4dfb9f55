// Shelf, applications and subscriptions over a real store.
#include "management/catalog.h"

#include "management/applications.h"
#include "management/audit.h"
#include "management/published.h"
#include "management/scenario_test.h"
#include "management/subscriptions.h"
#include "management/users.h"

namespace lintel::management {
namespace {

using model::ApplicationType;
using model::ListingStatus;
using model::SubscriptionStatus;

class CatalogTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        ASSERT_TRUE(create_administrator(*m_, caller_, "root", password_));
        ASSERT_TRUE(create_user(*m_, caller_, {.name = "ada", .password = password_}));
        root_ = log_in_as("root");
        ada_ = log_in_as("ada");
        pets_ = create_pets().service.id;
        publish_pets();
    }

    Caller log_in_as(const std::string& name) {
        return authenticate(*m_, log_in(*m_, name, password_, {})->text.reveal(), {}).value();
    }
    std::int64_t apply(ApplicationType type, bool end_subscriptions = false) {
        const auto made = apply_for_listing(
            *m_, root_, {.service = "pets", .type = type, .end_subscriptions = end_subscriptions});
        EXPECT_TRUE(made) << made.error().message;
        return made->number;
    }
    void approve(std::int64_t number) {
        const auto decided = decide_application(*m_, root_, {.number = number, .approves = true});
        EXPECT_TRUE(decided) << decided.error().message;
    }
    void launch() { approve(apply(ApplicationType::Launch)); }
    SubscriptionView subscribe_ada() {
        const auto made = subscribe(
            *m_, ada_, {.service = "pets", .new_credential = NewCredential{.name = next_name()}});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }
    std::string next_name() { return "credential " + std::to_string(++names_); }
    ListingStatus listing() { return show_listing(*m_, root_, "pets")->listing.status; }
    SubscriptionStatus status_of(const SubscriptionView& view) {
        return show_subscription(*m_, ada_, view.subscription.id)->view.subscription.status;
    }
    std::size_t grants_of_ada() { return served({{.user_id = ada_.user().id}}).grants.size(); }

    const Secret password_{"correct horse battery"};
    Caller root_ = Caller::at_command_line();
    Caller ada_ = Caller::at_command_line();
    model::ServiceId pets_;
    int names_ = 0;
};

TEST_F(CatalogTest, AnApprovedSubscriptionIsAGrantAndOneChangeOfTheOwner) {
    launch();
    const SubscriptionView made = subscribe_ada();
    EXPECT_EQ(grants_of_ada(), 0U);
    publisher_.changes.clear();
    approve(made.subscription.application);
    EXPECT_EQ(
        publisher_.changes,
        (std::vector<Change>{{.kind = Change::Kind::Credentials, .user_id = ada_.user().id}}));
    const ServedCredentials hers = served({{.user_id = ada_.user().id}});
    ASSERT_EQ(hers.grants.size(), 1U);
    EXPECT_EQ(hers.grants[0].service_id, pets_);
    EXPECT_TRUE(hers.grants[0].environments.empty()) << "every environment";
    EXPECT_EQ(hers.grants[0].credential_id, hers.credentials.at(0).id);
    const ServedCredentials all = served({});
    EXPECT_EQ(all.credentials.size(), 1U);
    EXPECT_EQ(all.grants.size(), 1U);

    ASSERT_TRUE(unsubscribe(*m_, ada_, made.subscription.id));
    EXPECT_EQ(grants_of_ada(), 0U);
    EXPECT_EQ(status_of(made), SubscriptionStatus::Unsubscribed);
}

TEST_F(CatalogTest, OtherProcessesHearOfGrantsThatComeAndGo) {
    launch();
    const SubscriptionView made = subscribe_ada();
    const Change change{.kind = Change::Kind::Credentials, .user_id = ada_.user().id};
    std::int64_t seen = load_news(*store_, 0)->latest;
    approve(made.subscription.application);
    store::News news = load_news(*store_, seen).value();
    EXPECT_EQ(news.changes, std::vector{change});
    ASSERT_TRUE(remove_subscription(*m_, root_, "pets", made.subscription.id));
    EXPECT_EQ(load_news(*store_, news.latest)->changes, std::vector{change});
}

TEST_F(CatalogTest, TheFirstDecisionHolds) {
    const std::int64_t number = apply(ApplicationType::Launch);
    approve(number);
    const auto second =
        decide_application(*m_, root_, {.number = number, .approves = false, .comment = "no"});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::ApplicationDecided);
    EXPECT_EQ(withdraw_application(*m_, root_, number).error().code, Code::ApplicationDecided);
    EXPECT_EQ(listing(), ListingStatus::Listed);
    EXPECT_EQ(audited("application.approve"), 1U);
    EXPECT_EQ(audited("application.reject"), 0U);
}

TEST_F(CatalogTest, AFailedDecisionChangesNothing) {
    const std::int64_t number = apply(ApplicationType::Launch);
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets"}));
    const auto refused = decide_application(*m_, root_, {.number = number, .approves = true});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::ServiceNotRunning);
    EXPECT_EQ(show_application(*m_, root_, number)->application.status,
              model::ApplicationStatus::Pending);
    EXPECT_EQ(listing(), ListingStatus::PendingListing);
}

TEST_F(CatalogTest, ARemovalClosesWhatIsPendingAndEndsTheRestWhenAsked) {
    for (const bool ends : {false, true}) {
        launch();
        const SubscriptionView approved = subscribe_ada();
        approve(approved.subscription.application);
        const SubscriptionView pending = subscribe_ada();
        approve(apply(ApplicationType::Remove, ends));
        EXPECT_EQ(listing(), ListingStatus::Unlisted);
        EXPECT_EQ(status_of(approved),
                  ends ? SubscriptionStatus::Ended : SubscriptionStatus::Approved);
        EXPECT_EQ(status_of(pending), SubscriptionStatus::Ended);
        EXPECT_EQ(show_application(*m_, ada_, pending.subscription.application)->application.status,
                  model::ApplicationStatus::Closed);
    }
}

TEST_F(CatalogTest, AServiceOnTheShelfIsNotDeletedAndAnUnlistedOneEndsItsSubscriptions) {
    launch();
    const SubscriptionView made = subscribe_ada();
    approve(made.subscription.application);
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets"}));
    EXPECT_EQ(delete_service(*m_, caller_, "pets", {}).error().code, Code::ListingConflict);
    approve(apply(ApplicationType::Remove));
    ASSERT_TRUE(delete_service(*m_, caller_, "pets", {}));
    EXPECT_EQ(status_of(made), SubscriptionStatus::Ended);
    EXPECT_EQ(grants_of_ada(), 0U);
}

TEST_F(CatalogTest, DeletingAUserEndsTheSubscriptions) {
    launch();
    const SubscriptionView made = subscribe_ada();
    approve(made.subscription.application);
    const SubscriptionView pending = subscribe_ada();
    ASSERT_TRUE(delete_user(*m_, root_, "ada", {}));
    const auto left = list_subscribers(*m_, root_, "pets", {}, {});
    ASSERT_EQ(left->items.size(), 2U);
    for (const SubscriptionView& view : left->items) {
        EXPECT_EQ(view.subscription.status, SubscriptionStatus::Ended);
    }
    EXPECT_TRUE(served({}).credentials.empty());
    EXPECT_EQ(publisher_.changes.back().user_id, ada_.user().id);
}

TEST_F(CatalogTest, ASettingAsksForASecondPerson) {
    m_->settings.forbid_own_approvals = true;
    const std::int64_t number = apply(ApplicationType::Launch);
    EXPECT_EQ(decide_application(*m_, root_, {.number = number, .approves = true}).error().code,
              Code::ApplicationOwn);
    EXPECT_TRUE(decide_application(*m_, caller_, {.number = number, .approves = true}));
}

TEST_F(CatalogTest, ATokenThatReviewsNothingGetsAnEmptyList) {
    apply(ApplicationType::Launch);
    EXPECT_EQ(list_applications(*m_, root_, {.to_review = true}, {})->items.size(), 1U);
    EXPECT_TRUE(
        list_applications(*m_, with_permissions({"application:read"}), {.to_review = true}, {})
            ->items.empty());
    EXPECT_TRUE(list_applications(*m_, ada_, {.to_review = true}, {})->items.empty());
}

TEST_F(CatalogTest, SubscriptionCredentialsAreLimited) {
    for (int i = 0; i < kMaxSubscriptionCredentials; ++i) {
        ASSERT_TRUE(create_credential(*m_, ada_, {.name = next_name()}));
    }
    EXPECT_EQ(create_credential(*m_, ada_, {.name = next_name()}).error().code,
              Code::StateConflict);
    EXPECT_TRUE(create_credential(*m_, root_, {.name = "of another user"}));
}

TEST_F(CatalogTest, ARefusedApplicationMakesNoCredential) {
    launch();
    ASSERT_FALSE(subscribe(*m_, ada_,
                           {.service = "pets",
                            .new_credential = NewCredential{.name = "new"},
                            .reason = std::string(501, 'x')}));
    EXPECT_TRUE(list_credentials(*m_, ada_, {}, {})->items.empty());
}

TEST_F(CatalogTest, AttributesAreMergedAndChecked) {
    const auto made =
        create_credential(*m_, ada_, {.name = "one", .attributes = {{"team", "blue"}}});
    ASSERT_TRUE(made);
    const CredentialRef ref{.credential = made->value.id};
    const auto edited = edit_credential(
        *m_, ada_, ref, {.attributes = {{"team", std::nullopt}, {"cost", "7"}}}, {});
    ASSERT_TRUE(edited);
    EXPECT_EQ(show_credential(*m_, ada_, ref)->attributes,
              (std::map<std::string, std::string>{{"cost", "7"}}));
    std::map<std::string, std::optional<std::string>> many;
    for (int i = 0; i < 21; ++i) {
        many["attribute " + std::to_string(i)] = "x";
    }
    EXPECT_TRUE(has_fault(edit_credential(*m_, ada_, ref, {.attributes = many}, {}).error(),
                          "/attributes", "field.count"));
}

}  // namespace
}  // namespace lintel::management
