// The APIs and API groups of a draft. Reading works on releases too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/service.h"

namespace lintel::management {

/// Which copy of a service is meant: the release given, else the draft, else the newest release.
struct ServiceCopy {
    std::string service = {};
    std::optional<std::int64_t> release = {};
};

struct ApiView {
    model::ApiDefinition api;
    std::int64_t service_version = 1;  ///< the ETag: an API's draft changes with its service's
};

/// `labels`: only APIs that have all of them.
Result<Page<model::ApiDefinition>> list_apis(Management& m, const Caller& caller,
                                             const ServiceCopy& copy,
                                             const std::vector<model::LabelFilter>& labels,
                                             const PageRequest& page);
Result<ApiView> show_api(Management& m, const Caller& caller, const ServiceCopy& copy,
                         const model::ApiId& api);
Result<Written<ApiView>> create_api(Management& m, const Caller& caller, const std::string& service,
                                    const model::ApiDefinition& api, ExpectedVersion expected);
/// Replaces the API; its id stays.
Result<Written<ApiView>> replace_api(Management& m, const Caller& caller,
                                     const std::string& service, const model::ApiId& id,
                                     const model::ApiDefinition& api, ExpectedVersion expected);
/// A JSON merge patch (RFC 7396) over the API.
Result<Written<ApiView>> edit_api(Management& m, const Caller& caller, const std::string& service,
                                  const model::ApiId& id, const data::Json& patch,
                                  ExpectedVersion expected);
Result<Written<ApiView>> delete_api(Management& m, const Caller& caller, const std::string& service,
                                    const model::ApiId& id, ExpectedVersion expected);

Result<std::vector<model::ApiGroup>> list_api_groups(Management& m, const Caller& caller,
                                                     const ServiceCopy& copy);
Result<Written<model::ApiGroup>> create_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& name,
                                                  ExpectedVersion expected);
/// `group` is its id or name; its APIs move along.
Result<Written<model::ApiGroup>> rename_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& group, const std::string& name,
                                                  ExpectedVersion expected);
/// The APIs of the group move to the default group, which stays.
Result<Written<model::ApiGroup>> delete_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& group,
                                                  ExpectedVersion expected);

}  // namespace lintel::management
