// Subscriptions in the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/application.h"
#include "model/subscription.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

/// A subscription with the application it began with, which knows the names.
struct SubscriptionRow {
    model::Subscription subscription;
    model::Application application;
};

struct SubscriptionQuery {
    model::ServiceId service_id = {};  ///< empty: any, like the three below
    model::GatewayId gateway_id = {};
    model::UserId user_id = {};
    model::CredentialId credential_id = {};
    std::optional<model::SubscriptionStatus> status = {};
    bool only_open = false;                      ///< pending or approved
    std::optional<std::string> subscriber = {};  ///< name of the user
};

class Subscriptions {
public:
    explicit Subscriptions(sql::Transaction& tx) : tx_(tx) {}

    Status add(const model::Subscription& subscription);
    /// Writes status, grant and how it ended.
    Status save(const model::Subscription& subscription);
    Result<std::optional<SubscriptionRow>> find(const model::SubscriptionId& id);
    /// REQUIRES: the application is for a subscription.
    Result<SubscriptionRow> of_application(std::int64_t number);
    /// Newest first.
    Result<std::vector<SubscriptionRow>> list(const SubscriptionQuery& query, const IdPage& page);
    Result<std::int64_t> count(const SubscriptionQuery& query);

private:
    Result<std::vector<SubscriptionRow>> select(const Where& where, const std::string& tail);

    sql::Transaction& tx_;
};

}  // namespace lintel::store
