// Every pair of state and event of listings, applications and subscriptions, against tables written
// by hand: the state that follows, or "" for a refusal.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/application.h"
#include "model/listing.h"
#include "model/subscription.h"

namespace lintel::model {
namespace {

template <typename State, typename Event, std::size_t kStates, std::size_t kEvents>
void expect_table(const std::array<State, kStates>& states,
                  const std::array<Event, kEvents>& events,
                  const std::vector<std::vector<std::string>>& expected) {
    ASSERT_EQ(expected.size(), kStates);
    for (std::size_t row = 0; row < kStates; ++row) {
        ASSERT_EQ(expected[row].size(), kEvents);
        for (std::size_t column = 0; column < kEvents; ++column) {
            const Transition<State> done = transition(states[row], events[column]);
            const std::string pair =
                std::string(name(states[row])) + " on event " + std::to_string(column);
            EXPECT_EQ(done.to ? name(*done.to) : "", expected[row][column]) << pair;
            EXPECT_NE(done.to.has_value(), !done.refusal.empty()) << pair;
        }
    }
}

TEST(CatalogStates, ListingsFollowTheirTable) {
    expect_table(kListingStatuses, kListingEvents,
                 {{"pending_listing", "", "", "", "", "", "unlisted"},
                  {"", "listed", "unlisted", "", "", "", ""},
                  {"", "", "", "pending_removal", "", "", ""},
                  {"", "", "", "", "unlisted", "listed", ""}});
    EXPECT_TRUE(is_in_catalog(ListingStatus::PendingRemoval));
    EXPECT_TRUE(is_in_catalog(ListingStatus::Listed));
    EXPECT_FALSE(is_in_catalog(ListingStatus::PendingListing));
    EXPECT_FALSE(is_in_catalog(ListingStatus::Unlisted));
}

TEST(CatalogStates, ApplicationsAreDecidedOnce) {
    expect_table(kApplicationStatuses, kApplicationEvents,
                 {{"approved", "rejected", "withdrawn", "closed"},
                  {"", "", "", ""},
                  {"", "", "", ""},
                  {"", "", "", ""},
                  {"", "", "", ""}});
}

TEST(CatalogStates, SubscriptionsFollowTheirTable) {
    expect_table(kSubscriptionStatuses, kSubscriptionEvents,
                 {{"approved", "rejected", "withdrawn", "withdrawn", "", "ended"},
                  {"", "", "", "unsubscribed", "removed", "ended"},
                  {"", "", "", "", "", ""},
                  {"", "", "", "", "", ""},
                  {"", "", "", "", "", ""},
                  {"", "", "", "", "", ""},
                  {"", "", "", "", "", ""}});
}

TEST(CatalogStates, NamesReadBack) {
    for (const ListingStatus status : kListingStatuses) {
        EXPECT_EQ(parse_listing_status(name(status)), status);
    }
    for (const ApplicationStatus status : kApplicationStatuses) {
        EXPECT_EQ(parse_application_status(name(status)), status);
    }
    for (const SubscriptionStatus status : kSubscriptionStatuses) {
        EXPECT_EQ(parse_subscription_status(name(status)), status);
    }
}

}  // namespace
}  // namespace lintel::model
