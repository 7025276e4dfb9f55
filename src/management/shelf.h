// How listings, applications and subscriptions move from state to state, together with what hangs
// on them. Private to management.
#pragma once

#include <string>
#include <vector>

#include "management/applications.h"
#include "management/steps.h"
#include "management/subscriptions.h"
#include "model/listing.h"
#include "store/store.h"

namespace lintel::management {

/// ListingConflict with the reason and the way out.
Status move_listing(store::Transaction& tx, const model::Service& service, model::Listing& listing,
                    model::ListingEvent event);
/// Notes the time. ApplicationDecided.
Status move_application(Management& m, store::Transaction& tx, model::Application& application,
                        model::ApplicationEvent event);
/// The grant comes with the approval and goes with the end. SubscriptionConflict.
Status move_subscription(Management& m, store::Transaction& tx, const Caller& caller,
                         model::Subscription& subscription, model::SubscriptionEvent event);

/// NotFound for who neither submitted it nor reviews it.
Result<model::Application> load_application(store::Transaction& tx, const Caller& caller,
                                            std::int64_t number);
Error no_such_subscription(const model::SubscriptionId& id);
/// NotFound when it is somebody else's.
Result<SubscriptionView> load_own_subscription(store::Transaction& tx, const Caller& caller,
                                               const model::SubscriptionId& id);
/// Adds an application of the caller about the service; what is given: type, reason and what the
/// type has of its own.
Result<model::Application> submit(Management& m, store::Transaction& tx, const Caller& caller,
                                  const model::Service& service, model::Application application);

/// Ends what is pending or approved and closes the applications that were pending.
Status end_subscriptions(Management& m, store::Transaction& tx, const Caller& caller,
                         const store::SubscriptionQuery& query);
/// What has to happen before a service is deleted. ListingConflict while it is on the shelf.
Status leave_shelf(Management& m, store::Transaction& tx, const Caller& caller,
                   const model::Service& service);

/// Moves the application and what it is about; the event is not Close.
Status settle(Management& m, store::Transaction& tx, const Caller& caller,
              model::Application& application, model::ApplicationEvent event);

/// By id or code; NotFound for a service that is not in the catalog.
Result<model::Service> load_listed(store::Transaction& tx, const Caller& caller,
                                   const std::string& id_or_code);
/// ServiceNotRunning.
Status require_running(store::Transaction& tx, const model::Service& service);
/// FieldInvalid when it is too long.
Status check_remark(const std::string& text, const std::string& pointer);

Subject subject_of(const model::Application& application);
Subject subject_of(const SubscriptionView& view);

}  // namespace lintel::management
