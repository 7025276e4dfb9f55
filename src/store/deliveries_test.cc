#include "store/deliveries.h"

#include <gtest/gtest.h>

#include <set>

#include "store/stored_test.h"

namespace lintel::store {
namespace {

class DeliveriesTest : public StoredTest {
protected:
    void SetUp() override {
        StoredTest::SetUp();
        if (IsSkipped()) { return; }
        store_ = open();
    }

    model::WebhookId add_webhook() {
        Transaction tx = store_->begin().value();
        const model::Webhook webhook{
            .id = model::WebhookId(make_id("whk")),
            .gateway_id = tx.gateways().find_by_code("default").value()->id,
            .name = "hook",
            .url = "https://example.com",
            .secret = Secret("whsec_one"),
            .previous_secret = Secret("whsec_two")};
        EXPECT_TRUE(tx.webhooks().add(webhook));
        EXPECT_TRUE(tx.commit());
        return webhook.id;
    }
    model::DeliveryId add(const model::WebhookId& webhook, TimeMs due_at = 100) {
        Transaction tx = store_->begin().value();
        const model::Delivery delivery{.id = model::DeliveryId(make_id("dlv")),
                                       .webhook_id = webhook,
                                       .event_id = "evt_1",
                                       .event_type = "service.published",
                                       .payload = "{}",
                                       .next_at = due_at};
        EXPECT_TRUE(tx.deliveries().add(delivery));
        EXPECT_TRUE(tx.commit());
        return delivery.id;
    }
    std::vector<model::DeliveryId> due(TimeMs now, const std::vector<model::WebhookId>& busy = {}) {
        return store_->read().value().deliveries().due(now, busy, 10).value();
    }
    std::optional<model::Delivery> claim(const model::DeliveryId& id, TimeMs now, TimeMs end) {
        Transaction tx = store_->begin().value();
        std::optional<model::Delivery> claimed = tx.deliveries().claim(id, now, end).value();
        EXPECT_TRUE(tx.commit());
        return claimed;
    }
    void save(const model::Delivery& delivery) {
        Transaction tx = store_->begin().value();
        EXPECT_TRUE(tx.deliveries().save(delivery));
        EXPECT_TRUE(tx.commit());
    }

    std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(, DeliveriesTest, support::kEngines, support::engine_name);

TEST_P(DeliveriesTest, OneProcessClaimsAndAnotherTakesOverWhenTheLeaseIsOver) {
    const model::DeliveryId id = add(add_webhook());
    EXPECT_TRUE(due(99).empty());
    EXPECT_EQ(due(100), std::vector{id});
    const auto first = claim(id, 100, 130);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->attempts, 1);
    EXPECT_FALSE(claim(id, 129, 160));
    const auto second = claim(id, 130, 160);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->attempts, 2);
}

TEST_P(DeliveriesTest, WhoLostTheLeaseDoesNotSayHowItEnded) {
    const model::DeliveryId id = add(add_webhook());
    model::Delivery late = *claim(id, 100, 130);
    model::Delivery current = *claim(id, 130, 160);
    late.status = model::DeliveryStatus::Failed;
    save(late);
    EXPECT_EQ(store_->read().value().deliveries().count_pending().value(), 1);
    current.status = model::DeliveryStatus::Delivered;
    current.finished_at = 140;
    save(current);
    EXPECT_EQ(store_->read().value().deliveries().count_pending().value(), 0);
    EXPECT_TRUE(due(10'000).empty());
}

TEST_P(DeliveriesTest, EachReceiverGetsItsTurn) {
    const model::WebhookId slow = add_webhook();
    const model::WebhookId fast = add_webhook();
    const model::DeliveryId first = add(slow, 10);
    add(slow, 11);
    add(slow, 12);
    const model::DeliveryId other = add(fast, 20);
    const model::DeliveryId mail = add({}, 30);
    EXPECT_EQ(due(100), (std::vector{first, other, mail}));
    EXPECT_EQ(due(100, {slow}), (std::vector{other, mail}));
    EXPECT_EQ(due(100, {slow, model::WebhookId()}), std::vector{other});
}

TEST_P(DeliveriesTest, WhatHasEndedIsRemovedWithTimeAndAllWithItsWebhook) {
    const model::WebhookId webhook = add_webhook();
    model::Delivery old = *claim(add(webhook), 100, 130);
    old.status = model::DeliveryStatus::Delivered;
    old.finished_at = 110;
    save(old);
    add(webhook);
    Transaction tx = store_->begin().value();
    ASSERT_TRUE(tx.deliveries().remove_finished_before(110));
    EXPECT_EQ(tx.deliveries().list(webhook, {}, {})->size(), 2U);
    ASSERT_TRUE(tx.deliveries().remove_finished_before(111));
    EXPECT_EQ(tx.deliveries().list(webhook, {}, {})->size(), 1U);
    ASSERT_TRUE(tx.webhooks().remove(webhook));
    EXPECT_EQ(tx.deliveries().count_pending().value(), 0);
}

TEST_P(DeliveriesTest, SecretsAreSealedAndComeBack) {
    const model::WebhookId id = add_webhook();
    Transaction tx = store_->read().value();
    const auto sealed = tx.webhooks().find(id, Secrets::Sealed).value();
    EXPECT_TRUE(sealed->secret.empty());
    const auto opened = tx.webhooks().find(id, Secrets::Unsealed).value();
    EXPECT_EQ(opened->secret.reveal(), "whsec_one");
    EXPECT_EQ(opened->previous_secret.reveal(), "whsec_two");
}

}  // namespace
}  // namespace lintel::store
