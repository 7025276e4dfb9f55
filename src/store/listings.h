// Listings in the store, and the catalog they make up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/definition.h"
#include "model/listing.h"
#include "model/subscription.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

/// Which listed services. A user may be told apart by what he has subscribed to.
struct CatalogQuery {
    model::GatewayId gateway_id;
    std::string text = {};  ///< part of name or description, in any case
    std::optional<std::string> group = {};
    std::optional<std::string> project = {};  ///< id or name
    std::optional<std::string> provider = {};
    std::optional<model::Protocol> protocol = {};
    std::optional<std::string> auth = {};  ///< kind that an API of a deployed release wants
    model::UserId user = {};
    std::optional<model::SubscriptionStatus> subscription = {};  ///< the user has one like that
};

class Listings {
public:
    explicit Listings(sql::Transaction& tx) : tx_(tx) {}

    /// That of a service nobody ever launched is Unlisted.
    Result<model::Listing> get(const model::ServiceId& service);
    Status save(const model::Listing& listing);
    /// What is in the catalog, newest service first.
    Result<std::vector<model::Listing>> catalog(const CatalogQuery& query, const IdPage& page);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
