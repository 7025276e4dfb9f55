// Subscriptions: users ask for a listed service with a credential of theirs; approved, it may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/call_address.h"
#include "management/credentials.h"
#include "management/management.h"
#include "store/subscriptions.h"

namespace lintel::management {

using SubscriptionView = store::SubscriptionRow;
data::Json to_json(const SubscriptionView& view);

/// As its owner sees it: with where to call, which the catalog may not show any more.
struct OwnSubscription {
    SubscriptionView view;
    std::vector<CallAddress> addresses = {};  ///< of an approved one
};
data::Json to_json(const OwnSubscription& own);

/// Exactly one of the two credentials.
struct SubscriptionRequest {
    std::string service = {};
    std::optional<model::CredentialId> credential = {};
    std::optional<NewCredential> new_credential = {};  ///< made together with the application
    std::string reason = {};
};
Result<SubscriptionView> subscribe(Management& m, const Caller& caller,
                                   const SubscriptionRequest& request);

struct SubscriptionFilter {
    std::optional<model::SubscriptionStatus> status = {};
    std::optional<std::string> subscriber = {};  ///< name of the user
};
/// Those of a service, for its project.
Result<Page<SubscriptionView>> list_subscribers(Management& m, const Caller& caller,
                                                const std::string& service,
                                                const SubscriptionFilter& filter,
                                                const PageRequest& page);
/// The caller's own, or those of a credential the caller may see.
Result<Page<OwnSubscription>> list_subscriptions(Management& m, const Caller& caller,
                                                 const std::optional<model::CredentialId>& of,
                                                 const SubscriptionFilter& filter,
                                                 const PageRequest& page);
Result<OwnSubscription> show_subscription(Management& m, const Caller& caller,
                                          const model::SubscriptionId& id);

/// By its owner, at once; a pending one is withdrawn.
Result<Written<SubscriptionView>> unsubscribe(Management& m, const Caller& caller,
                                              const model::SubscriptionId& id);
/// By the provider, at once.
Result<Written<SubscriptionView>> remove_subscription(Management& m, const Caller& caller,
                                                      const std::string& service,
                                                      const model::SubscriptionId& id);

}  // namespace lintel::management
