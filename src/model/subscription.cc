#include "model/subscription.h"

#include "model/names.h"

namespace lintel::model {

namespace {

using enum SubscriptionStatus;
using enum SubscriptionEvent;

constexpr Names<SubscriptionStatus, 7> kSubscriptionNames{{{Pending, "pending"},
                                                           {Approved, "approved"},
                                                           {Rejected, "rejected"},
                                                           {Withdrawn, "withdrawn"},
                                                           {Unsubscribed, "unsubscribed"},
                                                           {Removed, "removed"},
                                                           {Ended, "ended"}}};

Transition<SubscriptionStatus> from_pending(SubscriptionEvent event) {
    switch (event) {
        case Approve: return {.to = Approved};
        case Reject: return {.to = Rejected};
        case Withdraw:
        case Unsubscribe: return {.to = Withdrawn};
        case End: return {.to = Ended};
        case Remove: break;
    }
    return {.refusal = "the subscription is not approved yet; decide about its application"};
}

Transition<SubscriptionStatus> from_approved(SubscriptionEvent event) {
    switch (event) {
        case Unsubscribe: return {.to = Unsubscribed};
        case Remove: return {.to = Removed};
        case End: return {.to = Ended};
        case Approve:
        case Reject:
        case Withdraw: break;
    }
    return {.refusal =
                "the subscription is approved already; its owner can unsubscribe, the "
                "provider can remove it"};
}

}  // namespace

std::string_view name(SubscriptionStatus status) {
    return name_of(kSubscriptionNames, status);
}
std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text) {
    return value_of(kSubscriptionNames, text);
}

Transition<SubscriptionStatus> transition(SubscriptionStatus from, SubscriptionEvent event) {
    switch (from) {
        case Pending: return from_pending(event);
        case Approved: return from_approved(event);
        case Rejected:
        case Withdrawn:
        case Unsubscribed:
        case Removed:
        case Ended: break;
    }
    return {.refusal = "the subscription has ended; apply for a new one"};
}

}  // namespace lintel::model
