// The catalog: listed services of all projects, for every user. It shows what one needs to call
// them and nothing of how they are made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/call_address.h"
#include "management/import_file.h"
#include "management/management.h"
#include "management/subscriptions.h"
#include "model/listing.h"
#include "model/service.h"

namespace lintel::management {

struct CatalogEntry {
    model::Service service = {};
    std::string project = {};  ///< its name
    model::Listing listing = {};
    std::vector<CallAddress> addresses = {};           ///< empty: it is stopped
    model::ServiceDefinition definition = {};          ///< of the newest release that runs, if any
    std::int64_t release = 0;                          ///< number of that
    std::vector<SubscriptionView> subscriptions = {};  ///< of the caller: pending and approved
};

struct CatalogFilter {
    std::string query = {};  ///< part of name or description, ignoring ASCII case
    std::optional<std::string> group = {};
    std::optional<std::string> project = {};   ///< id or name
    std::optional<std::string> provider = {};  ///< name of the user who applied for the launch
    std::optional<model::Protocol> protocol = {};
    std::optional<std::string> auth = {};                        ///< kind
    std::optional<model::SubscriptionStatus> subscription = {};  ///< the caller has one like that
};

/// Without the APIs.
data::Json summary_to_json(const CatalogEntry& entry);
/// With the APIs as callers see them.
data::Json to_json(const CatalogEntry& entry);

Result<Page<CatalogEntry>> list_catalog(Management& m, const Caller& caller,
                                        const CatalogFilter& filter, const PageRequest& page);
/// NotFound for a service that is not listed, as if there were none.
Result<CatalogEntry> show_catalog_entry(Management& m, const Caller& caller,
                                        const std::string& service);
/// The description file of the newest release that runs.
Result<std::string> describe_catalog_entry(Management& m, const Caller& caller,
                                           const std::string& service, FileFormat format);

}  // namespace lintel::management
