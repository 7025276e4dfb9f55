// What is announced to whom, over a real store.
#include "management/events.h"

#include <algorithm>

#include "management/access_policies.h"
#include "management/applications.h"
#include "management/projects.h"
#include "management/scenario_test.h"
#include "management/subscriptions.h"
#include "management/users.h"
#include "management/webhooks.h"

namespace lintel::management {
namespace {

class EventsTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        ASSERT_TRUE(create_administrator(*m_, caller_, "root", password_));
        for (const char* name : {"ada", "bob"}) {
            ASSERT_TRUE(create_user(*m_, caller_,
                                    {.name = name,
                                     .password = password_,
                                     .email = std::string(name) + "@example.org"}));
        }
        root_ = log_in_as("root");
        ada_ = log_in_as("ada");
        create_pets();
    }

    Caller log_in_as(const std::string& name) {
        return authenticate(*m_, log_in(*m_, name, password_, {})->text.reveal(), {}).value();
    }
    model::WebhookId add_hook(std::vector<std::string> events = {},
                              std::optional<std::string> project = {}) {
        const auto made = create_webhook(*m_, root_,
                                         {.project = std::move(project),
                                          .name = "hook",
                                          .url = "https://example.com/events",
                                          .events = std::move(events)});
        EXPECT_TRUE(made) << made.error().message;
        return made->id;
    }
    std::vector<model::Delivery> deliveries_to(const model::WebhookId& id) {
        return list_deliveries(*m_, root_, id, {}, {.page_size = 100})->items;
    }
    std::vector<std::string> types_sent_to(const model::WebhookId& id) {
        std::vector<std::string> types;
        for (const model::Delivery& delivery : deliveries_to(id)) {
            types.push_back(delivery.event_type);
        }
        std::ranges::reverse(types);
        return types;
    }
    /// "to: subject" of each mail that waits.
    std::vector<std::string> mails() {
        store::Transaction tx = store_->begin().value();
        std::vector<std::string> found;
        for (;;) {
            const auto due = tx.deliveries().due(clock_.now_ms(), {}, 10).value();
            if (due.empty()) { break; }
            const auto one =
                tx.deliveries().claim(due.front(), clock_.now_ms(), clock_.now_ms() + 1000);
            const data::Json mail = data::parse_json((*one)->payload).value();
            found.push_back(std::string(data::find_string(mail, "to")) + ": " +
                            std::string(data::find_string(mail, "subject")));
        }
        std::ranges::sort(found);
        EXPECT_TRUE(tx.commit());
        return found;
    }
    std::int64_t launch() {
        return apply_for_listing(*m_, root_,
                                 {.service = "pets", .type = model::ApplicationType::Launch})
            ->number;
    }
    void decide(std::int64_t number, bool approves, const std::string& comment = "") {
        const auto decided = decide_application(
            *m_, root_, {.number = number, .approves = approves, .comment = comment});
        ASSERT_TRUE(decided) << decided.error().message;
    }
    SubscriptionView subscribe_ada() {
        return *subscribe(*m_, ada_,
                          {.service = "pets", .new_credential = NewCredential{.name = "shop"}});
    }
    void mail_everything() { m_->settings.mail = true; }

    const Secret password_{"correct horse battery"};
    Caller root_ = Caller::at_command_line();
    Caller ada_ = Caller::at_command_line();
};

TEST_F(EventsTest, EachStepOfAServiceIsAnEvent) {
    const model::WebhookId hook = add_hook();
    publish_pets();
    decide(launch(), true);
    const SubscriptionView view = subscribe_ada();
    decide(view.application.number, true);
    ASSERT_TRUE(unsubscribe(*m_, ada_, view.subscription.id));
    EXPECT_EQ(
        types_sent_to(hook),
        (std::vector<std::string>{"service.published", "application.submitted",
                                  "application.approved", "service.listed", "application.submitted",
                                  "application.approved", "subscription.ended"}));
}

TEST_F(EventsTest, APendingSubscriptionThatIsGivenUpIsAWithdrawnApplication) {
    publish_pets();
    decide(launch(), true);
    const SubscriptionView view = subscribe_ada();
    const model::WebhookId hook = add_hook();
    ASSERT_TRUE(unsubscribe(*m_, ada_, view.subscription.id));
    EXPECT_EQ(types_sent_to(hook), std::vector<std::string>{"application.withdrawn"});
}

TEST_F(EventsTest, APayloadSaysWhatHappenedWithoutSecrets) {
    const model::WebhookId hook = add_hook({"application.submitted"});
    publish_pets();
    launch();
    const std::vector<model::Delivery> sent = deliveries_to(hook);
    ASSERT_EQ(sent.size(), 1U);
    const data::Json event = data::parse_json(sent.front().payload).value();
    EXPECT_EQ(event["id"], sent.front().event_id);
    EXPECT_EQ(event["type"], "application.submitted");
    EXPECT_EQ(event["timestamp"], to_rfc3339(clock_.now_ms()));
    EXPECT_EQ(event["gateway"], "default");
    EXPECT_EQ(event["project"]["name"], "Default");
    EXPECT_EQ(event["actor"], "root");
    EXPECT_EQ(event["data"]["service"]["code"], "pets");
    EXPECT_EQ(event["data"]["type"], "launch");
}

TEST_F(EventsTest, AWebhookHearsOfItsProjectAndItsTypesOnly) {
    ASSERT_TRUE(create_project(*m_, root_, "Other", ""));
    const model::WebhookId other = add_hook({}, "Other");
    const model::WebhookId stops = add_hook({"service.stopped"});
    const model::WebhookId own = add_hook({}, "Default");
    publish_pets();
    EXPECT_TRUE(types_sent_to(other).empty());
    EXPECT_TRUE(types_sent_to(stops).empty());
    EXPECT_EQ(types_sent_to(own), std::vector<std::string>{"service.published"});
}

TEST_F(EventsTest, NothingIsSentOfWhatWasRefused) {
    const model::WebhookId hook = add_hook();
    EXPECT_FALSE(
        apply_for_listing(*m_, root_, {.service = "pets", .type = model::ApplicationType::Launch}));
    EXPECT_TRUE(types_sent_to(hook).empty());
}

TEST_F(EventsTest, MailsGoToWhoDecidesToWhoAppliedAndToWhoseSubscriptionEnds) {
    publish_pets();
    decide(launch(), true);
    mail_everything();
    ASSERT_TRUE(edit_account(*m_, root_, {.email = "root@example.org"}, {}));
    const SubscriptionView view = subscribe_ada();
    EXPECT_EQ(mails(), std::vector<std::string>{
                           "root@example.org: Name of pets: a subscription waits for a decision"});
    decide(view.application.number, true);
    EXPECT_EQ(mails(), std::vector<std::string>{
                           "ada@example.org: Name of pets: your application was approved"});
    ASSERT_TRUE(remove_subscription(*m_, root_, "pets", view.subscription.id));
    EXPECT_EQ(mails(), std::vector<std::string>{
                           "ada@example.org: Name of pets: your subscription has ended"});
}

TEST_F(EventsTest, WhatOneDidOneselfIsNotMailed) {
    publish_pets();
    mail_everything();
    ASSERT_TRUE(edit_account(*m_, root_, {.email = "root@example.org"}, {}));
    decide(launch(), true);
    EXPECT_TRUE(mails().empty());
    const SubscriptionView view = subscribe_ada();
    mails();
    ASSERT_TRUE(unsubscribe(*m_, ada_, view.subscription.id));
    EXPECT_TRUE(mails().empty());
}

TEST_F(EventsTest, WhoTurnedMailsOffOrMayNotDecideGetsNone) {
    publish_pets();
    decide(launch(), true);
    mail_everything();
    ASSERT_TRUE(
        edit_account(*m_, root_, {.email = "root@example.org", .mail_notifications = false}, {}));
    subscribe_ada();
    EXPECT_TRUE(mails().empty());
}

TEST_F(EventsTest, WhoIsAllowedToDecideByAPolicyIsAskedToo) {
    publish_pets();
    decide(launch(), true);
    mail_everything();
    const data::Json allow{
        {"effect", "Allow"}, {"actions", {"lintel:application:review"}}, {"resources", {"*"}}};
    ASSERT_TRUE(create_access_policy(
        *m_, root_, {.name = "reviewers", .statements = data::Json::array({allow})}));
    ASSERT_TRUE(attach_policies(*m_, root_, "bob", {"reviewers"}, {}));
    subscribe_ada();
    EXPECT_EQ(mails(), std::vector<std::string>{
                           "bob@example.org: Name of pets: a subscription waits for a decision"});
}

TEST_F(EventsTest, FaultsOfAWebhookAreToldAtOnce) {
    const auto refused = create_webhook(*m_, root_,
                                        {.name = " ",
                                         .url = "ftp://example.com",
                                         .events = {"service.exploded"},
                                         .secret = Secret("secret")});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/name", "field.length"));
    EXPECT_TRUE(has_fault(refused.error(), "/url", "webhook.url"));
    EXPECT_TRUE(has_fault(refused.error(), "/events/0", "webhook.event"));
    EXPECT_TRUE(has_fault(refused.error(), "/secret", "webhook.secret"));
}

}  // namespace
}  // namespace lintel::management
