// What users may do beside, or in spite of, their roles: documents that are attached to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

enum class Effect { Allow, Deny };
std::string_view name(Effect effect);  ///< "Allow", "Deny"
std::optional<Effect> parse_effect(std::string_view text);

struct AccessStatement {
    Effect effect = Effect::Deny;
    std::vector<std::string> actions = {};    ///< "lintel:service:publish", "lintel:*:read"
    std::vector<std::string> resources = {};  ///< "*", "project:prj_...", "service:svc_..."
};

struct AccessPolicy {
    AccessPolicyId id = {};  ///< "acp_..."
    std::string name = {};   ///< unique in the installation
    std::string description = {};
    std::vector<AccessStatement> statements = {};
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;
};

data::Json to_json(const std::vector<AccessStatement>& statements);
data::Json to_json(const AccessPolicy& policy);
/// FieldInvalid with every fault of the shape; pointers begin at the array. What the texts mean is
/// not looked at here.
Result<std::vector<AccessStatement>> access_statements_from_json(const data::Json& json);

}  // namespace lintel::model
