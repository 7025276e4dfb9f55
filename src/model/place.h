// Where things live: gateways, their projects, environments and service groups.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

/// The isolated resource space: everything below lives in exactly one.
struct Gateway {
    GatewayId id = {};      ///< "gw_..."
    std::string code = {};  ///< "default"
    std::string name = {};
    TimeMs created_at = 0;
};

struct Project {
    ProjectId id = {};  ///< "prj_..."
    GatewayId gateway_id = {};
    std::string name = {};
    std::string description = {};
    bool is_default = false;  ///< every user belongs to it
    std::int64_t version = 1;
    TimeMs created_at = 0;
};

enum class EnvironmentStatus { Running, Suspended };
std::string_view name(EnvironmentStatus status);  ///< "running", "suspended"
std::optional<EnvironmentStatus> parse_environment_status(std::string_view text);

/// Where releases run.
struct Environment {
    EnvironmentId id = {};  ///< "env_..."
    GatewayId gateway_id = {};
    std::string code = {};  ///< part of the call address: "[a-z0-9]{1,16}"
    std::string name = {};
    EnvironmentStatus status = EnvironmentStatus::Running;
    std::int64_t version = 1;
    TimeMs created_at = 0;

    bool accepts_releases() const { return status == EnvironmentStatus::Running; }
};

/// A group of services.
struct Group {
    GroupId id = {};  ///< "grp_..."
    ProjectId project_id = {};
    std::string name = {};
    TimeMs created_at = 0;
};

data::Json to_json(const Gateway& gateway);
data::Json to_json(const Project& project);
data::Json to_json(const Environment& environment);
data::Json to_json(const Group& group);

}  // namespace lintel::model
