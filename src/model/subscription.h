// A subscription: the right of a user's credential to call a listed service.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"
#include "model/transition.h"

namespace lintel::model {

enum class SubscriptionStatus : std::uint8_t {
    Pending,
    Approved,  ///< the only one that gives the right to call
    Rejected,
    Withdrawn,
    Unsubscribed,  ///< by its owner
    Removed,       ///< by the provider
    Ended,         ///< service or credential are gone, or the service left the catalog with it
};
inline constexpr std::array kSubscriptionStatuses{
    SubscriptionStatus::Pending,   SubscriptionStatus::Approved,     SubscriptionStatus::Rejected,
    SubscriptionStatus::Withdrawn, SubscriptionStatus::Unsubscribed, SubscriptionStatus::Removed,
    SubscriptionStatus::Ended};
std::string_view name(SubscriptionStatus status);  ///< "pending", "approved"...
std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text);

enum class SubscriptionEvent : std::uint8_t { Approve, Reject, Withdraw, Unsubscribe, Remove, End };
inline constexpr std::array kSubscriptionEvents{
    SubscriptionEvent::Approve,     SubscriptionEvent::Reject, SubscriptionEvent::Withdraw,
    SubscriptionEvent::Unsubscribe, SubscriptionEvent::Remove, SubscriptionEvent::End};

/// What has ended stays so; applying again makes a new subscription.
Transition<SubscriptionStatus> transition(SubscriptionStatus from, SubscriptionEvent event);

struct Subscription {
    SubscriptionId id = {};        ///< "sub_..."
    std::int64_t application = 0;  ///< number of the application it began with
    ServiceId service_id = {};
    UserId user_id = {};
    CredentialId credential_id = {};
    std::string credential_name = {};
    SubscriptionStatus status = SubscriptionStatus::Pending;
    GrantId grant_id = {};  ///< of an approved one: what lets the credential call
    TimeMs ended_at = 0;    ///< of one that was approved; 0: it was not ended
    std::string ended_by = {};
};

}  // namespace lintel::model
