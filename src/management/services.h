// Services and their drafts. A service is named by its id or its code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/listing.h"
#include "model/service.h"

namespace lintel::management {

struct DeploymentView {
    model::Deployment deployment;
    std::string environment = {};  ///< its code
};

struct ServiceView {
    model::Service service;
    model::ServiceStatus status = model::ServiceStatus::Configuring;
    bool has_draft = false;
    model::ListingStatus listing = model::ListingStatus::Unlisted;
    model::Labels labels = {};
    std::vector<DeploymentView> deployments = {};
    std::optional<std::int64_t> calls_last_hour = {};  ///< when one is shown alone
};

/// {id, project, code, name, description, protocol, group, labels, status, has_draft, listing,
/// latest_release, deployments[], calls_last_hour?, version, times, users}
data::Json to_json(const ServiceView& view);

struct NewService {
    model::ServiceDefinition definition;      ///< apis may be empty
    std::optional<std::string> code = {};     ///< absent: "svc-" and six random characters
    std::optional<std::string> project = {};  ///< id or name; absent: the default one
};

struct CloneRequest {
    std::string service = {};                  ///< id or code
    std::optional<std::int64_t> release = {};  ///< absent: the draft, else the newest release
    std::string name = {};
    std::optional<std::string> code = {};     ///< absent: "svc-" and six random characters
    std::optional<std::string> project = {};  ///< id or name; absent: that of the service
};

struct ServiceFilter {
    std::optional<std::string> project = {};  ///< id or name; absent: all that the caller sees
    std::optional<std::string> name = {};     ///< exact
    std::optional<model::ServiceStatus> status = {};
    std::optional<std::string> group = {};
    std::optional<model::Protocol> protocol = {};
    std::vector<model::LabelFilter> labels = {};  ///< all of them
    std::string query = {};  ///< part of name, code or description, ignoring ASCII case
};

Result<Written<ServiceView>> create_service(Management& m, const Caller& caller,
                                            const NewService& request);
/// A new service with the definition of another for its draft. Credentials, releases and
/// deployments are not taken along, and its APIs have ids of their own.
Result<Written<ServiceView>> clone_service(Management& m, const Caller& caller,
                                           const CloneRequest& request);
Result<Page<ServiceView>> list_services(Management& m, const Caller& caller,
                                        const ServiceFilter& filter, const PageRequest& page);
Result<ServiceView> show_service(Management& m, const Caller& caller, const std::string& service);

/// The draft; StateConflict when there is none.
Result<model::Draft> show_draft(Management& m, const Caller& caller, const std::string& service);
/// Replaces the whole definition of the draft. APIs keep their ids: those given, or those of the
/// API with the same method and path.
Result<Written<ServiceView>> replace_draft(Management& m, const Caller& caller,
                                           const std::string& service,
                                           const model::ServiceDefinition& definition,
                                           ExpectedVersion expected);
/// A JSON merge patch (RFC 7396) over {code, name, description, protocol, group, labels, policies,
/// oauth2, allow_encoded_slashes, api_groups}.
Result<Written<ServiceView>> edit_service(Management& m, const Caller& caller,
                                          const std::string& service, const data::Json& patch,
                                          ExpectedVersion expected);
/// For ever. Refused while a deployment runs.
Result<Written<model::Service>> delete_service(Management& m, const Caller& caller,
                                               const std::string& service,
                                               ExpectedVersion expected);

struct CopyRequest {
    std::string service = {};
    std::optional<std::int64_t> release = {};  ///< absent: the newest
    bool overwrite = false;                    ///< replaces a draft that exists
    ExpectedVersion expected = {};
};
Result<Written<ServiceView>> copy_release(Management& m, const Caller& caller,
                                          const CopyRequest& request);

}  // namespace lintel::management
