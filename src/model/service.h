// Services and what hangs on them: draft, releases, deployments, and the records of what was done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "model/definition.h"
#include "model/ids.h"
#include "model/kind.h"
#include "model/lifecycle.h"

namespace lintel::model {

/// The identity of a service. Name, description, protocol and group mirror its draft, or its newest
/// release when there is no draft, so that lists need not read documents.
struct Service {
    ServiceId id = {};  ///< "svc_..."
    GatewayId gateway_id = {};
    ProjectId project_id = {};
    std::string code = {};  ///< part of the call address; fixed after the first publish
    std::string name = {};
    std::string description = {};
    Protocol protocol = Protocol::HttpAndHttps;
    std::string group = std::string(kDefaultGroup);
    std::int64_t version = 1;  ///< raised by every change of the service or its draft; the ETag
    std::int64_t latest_release = 0;  ///< number of the newest release; 0: never published
    TimeMs created_at = 0;
    std::string created_by = {};  ///< name of the user
    TimeMs updated_at = 0;
    std::string updated_by = {};
};

/// The one editable copy of a service.
struct Draft {
    ServiceId service_id = {};
    ServiceDefinition definition = {};
    std::int64_t base_release = 0;  ///< the release it was copied from; 0: made from nothing
    TimeMs updated_at = 0;
    std::string updated_by = {};
};

/// An immutable, numbered copy of a service's definition.
struct Release {
    ServiceId service_id = {};
    std::int64_t number = 0;  ///< 1, 2, 3... per service
    ServiceDefinition definition = {};
    std::string note = {};
    TimeMs created_at = 0;
    std::string created_by = {};
};

/// Since when a limit counts. A fixed window starts at the publish at which this limit's value,
/// unit or switch last changed; other publishes keep its origin, so they give nobody a fresh
/// allowance.
struct LimitOrigin {
    ApiId api_id = {};      ///< empty: a policy of the service
    std::string kind = {};  ///< "rate_limit"
    TimeMs since = 0;
    std::string fingerprint = {};  ///< the config it was taken from, defaults filled in

    bool operator==(const LimitOrigin&) const = default;
};

/// The origins a deployment has after `definition` takes effect at `now`: kept where `before` has
/// the same limit with the same config, new elsewhere. Only kinds of the phase "limit" have
/// origins.
std::vector<LimitOrigin> carry_origins(const std::vector<LimitOrigin>& before,
                                       const ServiceDefinition& definition,
                                       const std::vector<KindInfo>& kinds, TimeMs now);

enum class DeploymentState { Running, Stopped };
std::string_view name(DeploymentState state);  ///< "running", "stopped"
std::optional<DeploymentState> parse_deployment_state(std::string_view text);

/// What an environment runs of a service. Publish, stop, start and roll back move it.
struct Deployment {
    ServiceId service_id = {};
    EnvironmentId environment_id = {};
    std::int64_t release = 0;
    DeploymentState state = DeploymentState::Running;
    TimeMs since = 0;
    std::string changed_by = {};
    std::vector<LimitOrigin> limit_origins = {};
};

enum class ReleaseAction { Publish, Replace, Stop, Start, RollBack };
std::string_view name(ReleaseAction action);  ///< "publish", "replace", "stop", "start", "rollback"
std::optional<ReleaseAction> parse_release_action(std::string_view text);

/// One line of the release history.
struct ReleaseRecord {
    ReleaseRecordId id = {};  ///< "rec_..."
    ServiceId service_id = {};
    std::string environment = {};  ///< its code, kept when the environment goes
    std::int64_t release = 0;
    ReleaseAction action = ReleaseAction::Publish;
    std::string result = "succeeded";
    std::string operator_name = {};
    TimeMs at = 0;
    std::string note = {};
};

data::Json to_json(const Deployment& deployment, std::string_view environment_code);
data::Json to_json(const ReleaseRecord& record);
data::Json to_json(const std::vector<LimitOrigin>& origins);
Result<std::vector<LimitOrigin>> limit_origins_from_json(const data::Json& json);

}  // namespace lintel::model
