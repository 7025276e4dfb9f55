#include "model/service.h"

#include <algorithm>

#include "model/fields.h"
#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<DeploymentState, 2> kStates{
    {{DeploymentState::Running, "running"}, {DeploymentState::Stopped, "stopped"}}};
constexpr Names<ReleaseAction, 5> kActions{{{ReleaseAction::Publish, "publish"},
                                            {ReleaseAction::Replace, "replace"},
                                            {ReleaseAction::Stop, "stop"},
                                            {ReleaseAction::Start, "start"},
                                            {ReleaseAction::RollBack, "rollback"}}};

/// The config with the schema's defaults filled in and members sorted: two configs that mean the
/// same limit give the same text.
std::string fingerprint_of(const data::Json& config, const data::Json& schema) {
    nlohmann::json sorted = nlohmann::json::parse(config.dump());
    if (const data::Json* properties = data::find(schema, "properties")) {
        for (const auto& property : properties->items()) {
            const data::Json* otherwise = data::find(property.value(), "default");
            if (otherwise != nullptr && !sorted.contains(property.key())) {
                sorted[property.key()] = nlohmann::json::parse(otherwise->dump());
            }
        }
    }
    return sorted.dump();
}

void carry(const std::vector<LimitOrigin>& before, const std::vector<PluginUse>& policies,
           const ApiId& api, const std::vector<KindInfo>& kinds, TimeMs now,
           std::vector<LimitOrigin>& after) {
    for (const PluginUse& use : policies) {
        const auto kind = std::ranges::find_if(kinds, [&](const KindInfo& info) {
            return info.family == Family::Policy && info.name == use.kind && info.phase == "limit";
        });
        if (kind == kinds.end()) { continue; }
        LimitOrigin origin{.api_id = api,
                           .kind = use.kind,
                           .since = now,
                           .fingerprint = fingerprint_of(use.config, kind->schema)};
        const auto old = std::ranges::find_if(before, [&](const LimitOrigin& candidate) {
            return candidate.api_id == origin.api_id && candidate.kind == origin.kind &&
                   candidate.fingerprint == origin.fingerprint;
        });
        if (old != before.end()) { origin.since = old->since; }
        after.push_back(std::move(origin));
    }
}

}  // namespace

std::string_view name(DeploymentState state) {
    return name_of(kStates, state);
}
std::optional<DeploymentState> parse_deployment_state(std::string_view text) {
    return value_of(kStates, text);
}
std::string_view name(ReleaseAction action) {
    return name_of(kActions, action);
}
std::optional<ReleaseAction> parse_release_action(std::string_view text) {
    return value_of(kActions, text);
}

std::vector<LimitOrigin> carry_origins(const std::vector<LimitOrigin>& before,
                                       const ServiceDefinition& definition,
                                       const std::vector<KindInfo>& kinds, TimeMs now) {
    std::vector<LimitOrigin> after;
    carry(before, definition.policies, ApiId(), kinds, now, after);
    for (const ApiDefinition& api : definition.apis) {
        carry(before, api.policies, api.id, kinds, now, after);
    }
    return after;
}

data::Json to_json(const Deployment& deployment, std::string_view environment_code) {
    return {{"environment", std::string(environment_code)},
            {"release", deployment.release},
            {"state", std::string(name(deployment.state))},
            {"since", to_rfc3339(deployment.since)},
            {"changed_by", deployment.changed_by}};
}

data::Json to_json(const ReleaseRecord& record) {
    return {{"id", record.id.str()},       {"environment", record.environment},
            {"release", record.release},   {"action", std::string(name(record.action))},
            {"result", record.result},     {"operator", record.operator_name},
            {"at", to_rfc3339(record.at)}, {"note", record.note}};
}

data::Json to_json(const std::vector<LimitOrigin>& origins) {
    data::Json list = data::Json::array();
    for (const LimitOrigin& origin : origins) {
        list.push_back({{"api_id", origin.api_id.str()},
                        {"kind", origin.kind},
                        {"since", origin.since},
                        {"fingerprint", origin.fingerprint}});
    }
    return list;
}

Result<std::vector<LimitOrigin>> limit_origins_from_json(const data::Json& json) {
    std::vector<LimitOrigin> origins;
    Faults faults;
    for (std::size_t i = 0; json.is_array() && i < json.size(); ++i) {
        Fields fields(json[i], data::child_pointer("", i), faults);
        origins.push_back({.api_id = ApiId(fields.text("api_id")),
                           .kind = fields.required_text("kind"),
                           .since = fields.integer("since", 0),
                           .fingerprint = fields.text("fingerprint")});
        fields.done();
    }
    if (!faults.empty()) {
        return fail({.code = Code::Internal,
                     .message = "a stored deployment cannot be read",
                     .faults = std::move(faults)});
    }
    return origins;
}

}  // namespace lintel::model
