// The steps that the use cases of webhooks share. Private to management.
#pragma once

#include "management/steps.h"
#include "management/webhooks.h"

namespace lintel::management {

Subject subject_of(const model::Webhook& webhook);
/// At the version expected, for a caller who holds the permission in its project, or in all of them
/// when it has none. NotFound for who does not see it.
Result<model::Webhook> load_webhook(store::Transaction& tx, const Caller& caller,
                                    Permission permission, const model::WebhookId& id,
                                    ExpectedVersion expected,
                                    store::Secrets secrets = store::Secrets::Sealed);

}  // namespace lintel::management
