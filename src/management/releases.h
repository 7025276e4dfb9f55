// Publishing and everything that moves a deployment: stop, start, roll back. And the history of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "management/services.h"
#include "model/service.h"

namespace lintel::management {

struct PublishRequest {
    std::string service = {};                    ///< id or code
    std::vector<std::string> environments = {};  ///< codes; one or several
    std::optional<std::int64_t> release = {};    ///< absent: the draft; else a release that exists
    std::string note = {};
    ExpectedVersion expected = {};
};

struct PublishResult {
    model::Release release;
    std::vector<DeploymentView> deployments = {};  ///< those this publish moved
};

/// All environments or none. PublishRefused lists every reason at once.
Result<Written<PublishResult>> publish(Management& m, const Caller& caller,
                                       const PublishRequest& request);

struct DeploymentRequest {
    std::string service = {};
    std::vector<std::string> environments = {};  ///< codes; stop: empty means all that run
    std::string environment = {};                ///< the one addressed, instead of those
    std::string note = {};
    ExpectedVersion expected = {};
};
Result<Written<ServiceView>> stop(Management& m, const Caller& caller,
                                  const DeploymentRequest& request);
Result<Written<ServiceView>> start(Management& m, const Caller& caller,
                                   const DeploymentRequest& request);

struct RollBackRequest {
    std::string service = {};
    std::string environment = {};
    std::int64_t release = 0;
    std::string note = {};
    ExpectedVersion expected = {};
};
Result<Written<ServiceView>> roll_back(Management& m, const Caller& caller,
                                       const RollBackRequest& request);

/// A release without its document.
struct ReleaseSummary {
    std::int64_t number = 0;
    std::string note = {};
    TimeMs created_at = 0;
    std::string created_by = {};
};
data::Json to_json(const ReleaseSummary& summary);
data::Json to_json(const model::Release& release);

/// Newest first.
Result<Page<ReleaseSummary>> list_releases(Management& m, const Caller& caller,
                                           const std::string& service, const PageRequest& page);
Result<model::Release> show_release(Management& m, const Caller& caller, const std::string& service,
                                    std::int64_t number);
/// What was done, newest first.
Result<Page<model::ReleaseRecord>> list_release_records(Management& m, const Caller& caller,
                                                        const std::string& service,
                                                        const PageRequest& page);

}  // namespace lintel::management
