// Where things live: gateways, their projects, environments and service groups.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

inline constexpr std::string_view kDefaultGateway = "default";

/// The isolated resource space: everything below lives in exactly one.
struct Gateway {
    GatewayId id = {};  ///< "gw_..."
    std::string code =
        {};  ///< part of addresses: "[a-z0-9]{1,16}"; "default" is there from the start
    std::string name = {};
    std::int64_t version = 1;
    TimeMs created_at = 0;

    bool is_default() const { return code == kDefaultGateway; }
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
    std::string gateway = {};  ///< code of its gateway, for addresses; empty: the default one
    std::string code = {};     ///< part of the call address: "[a-z0-9]{1,16}"
    std::string name = {};
    EnvironmentStatus status = EnvironmentStatus::Running;
    std::int64_t version = 1;
    TimeMs created_at = 0;

    bool accepts_releases() const { return status == EnvironmentStatus::Running; }
};

/// What a name of a gateway is called where gateways meet: "release", in the gateway "shop"
/// "release.shop". No name has a dot in it, so no two meet.
std::string qualified(const std::string& name, const std::string& gateway);
/// What the environment is called in call addresses.
std::string address_of(const Environment& environment);

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
