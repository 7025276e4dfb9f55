#include "management/deploy.h"

#include <algorithm>
#include <set>

#include "management/steps.h"
#include "management/upstream_rules.h"
#include "model/rules.h"

namespace lintel::management {

Result<std::vector<model::Environment>> load_targets(store::Transaction& tx,
                                                     const model::GatewayId& gateway,
                                                     const std::vector<std::string>& codes) {
    if (codes.empty()) {
        return invalid_field("/environments", "field.required",
                             "must name at least one environment");
    }
    ASSIGN_OR_RETURN(const std::vector<model::Environment> all, load_environments(tx, gateway));
    std::string known;
    for (const model::Environment& environment : all) {
        known += (known.empty() ? "" : ", ") + environment.code;
    }
    std::vector<model::Environment> targets;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (!seen.insert(codes[i]).second) { continue; }
        const auto at = std::ranges::find(all, codes[i], &model::Environment::code);
        if (at == all.end()) {
            return invalid_field(data::child_pointer("/environments", i), "environment.unknown",
                                 "names the environment '" + codes[i] +
                                     "', which does not exist; there are: " + known);
        }
        targets.push_back(*at);
    }
    return targets;
}

Status require_runnable(Management& m, store::Transaction& tx, const model::Service& service,
                        const model::Release& release,
                        const std::vector<model::Environment>& environments) {
    std::vector<Fault> reasons = model::incomplete(release.definition);
    model::check(release.definition, "", reasons);
    m.kinds.check(release.definition, "", reasons);
    RETURN_IF_ERROR(check_references(m, tx, service.gateway_id, release.definition, reasons));
    for (const model::Environment& environment : environments) {
        if (!environment.accepts_releases()) {
            reasons.push_back({"/environments", "environment.suspended",
                               "the environment '" + environment.code +
                                   "' is suspended; resume it or choose another"});
        }
    }
    // What fails the rules is not worth compiling; its faults would repeat.
    for (std::size_t i = 0; reasons.empty() && i < environments.size(); ++i) {
        const Status compiled = m.publisher.check({service, release, environments[i]});
        if (compiled) { continue; }
        reasons = compiled.error().faults;
        if (reasons.empty()) {
            reasons.push_back({"", "publish.refused", compiled.error().message});
        }
    }
    if (reasons.empty()) { return {}; }
    std::string message = "The service '" + service.code +
                          "' cannot run: " + reasons.front().pointer + " " + reasons.front().detail;
    if (reasons.size() > 1) { message += " (and " + std::to_string(reasons.size() - 1) + " more)"; }
    return fail(
        {.code = Code::PublishRefused, .message = message + ".", .faults = std::move(reasons)});
}

Result<std::optional<model::Deployment>> find_deployment(store::Transaction& tx,
                                                         const model::ServiceId& service,
                                                         const model::EnvironmentId& environment) {
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> all,
                     tx.deployments().of_service(service));
    const auto at = std::ranges::find(all, environment, &model::Deployment::environment_id);
    return at == all.end() ? std::nullopt : std::optional(*at);
}

Result<model::Deployment> point(Management& m, store::Transaction& tx, const Caller& caller,
                                const model::Environment& environment,
                                const model::Release& release) {
    ASSIGN_OR_RETURN(const std::optional<model::Deployment> before,
                     find_deployment(tx, release.service_id, environment.id));
    const TimeMs now = m.clock.now_ms();
    model::Deployment deployment{
        .service_id = release.service_id,
        .environment_id = environment.id,
        .release = release.number,
        .state = model::DeploymentState::Running,
        .since = now,
        .changed_by = caller.name(),
        .limit_origins =
            model::carry_origins(before ? before->limit_origins : std::vector<model::LimitOrigin>(),
                                 release.definition, m.kinds.all(), now)};
    RETURN_IF_ERROR(tx.deployments().put(deployment));
    return deployment;
}

Status add_history(Management& m, store::Transaction& tx, const Caller& caller,
                   const model::ServiceId& service, const HistoryLine& line) {
    return tx.release_records().add({.id = model::ReleaseRecordId(make_id("rec")),
                                     .service_id = service,
                                     .environment = line.environment.code,
                                     .release = line.release,
                                     .action = line.action,
                                     .operator_name = caller.name(),
                                     .at = m.clock.now_ms(),
                                     .note = line.note});
}

Status check_note(const std::string& note) {
    if (model::character_count(note) <= model::kMaxReleaseNote) { return {}; }
    return invalid_field("/note", "field.length", "may have at most 200 characters");
}

}  // namespace lintel::management
