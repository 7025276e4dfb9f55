#include <algorithm>

#include "management/deploy.h"
#include "management/releases.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// The one that is addressed, or those that are listed.
Result<std::vector<model::Environment>> load_requested(store::Transaction& tx,
                                                       const model::Service& service,
                                                       const DeploymentRequest& request) {
    if (request.environment.empty()) {
        return load_targets(tx, service.gateway_id, request.environments);
    }
    ASSIGN_OR_RETURN(model::Environment addressed,
                     load_environment(tx, service.gateway_id, request.environment));
    return std::vector{std::move(addressed)};
}

/// Those requested, or all in which the service runs.
Result<std::vector<model::Environment>> choose_running(store::Transaction& tx,
                                                       const model::Service& service,
                                                       const DeploymentRequest& request) {
    if (!request.environment.empty() || !request.environments.empty()) {
        return load_requested(tx, service, request);
    }
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    ASSIGN_OR_RETURN(std::vector<model::Environment> environments,
                     load_environments(tx, service.gateway_id));
    std::erase_if(environments, [&](const model::Environment& environment) {
        return std::ranges::none_of(deployments, [&](const model::Deployment& deployment) {
            return deployment.environment_id == environment.id &&
                   deployment.state == model::DeploymentState::Running;
        });
    });
    return environments;
}

Result<model::Deployment> require_state(store::Transaction& tx, const model::Service& service,
                                        const model::Environment& environment,
                                        model::DeploymentState state) {
    ASSIGN_OR_RETURN(std::optional<model::Deployment> deployment,
                     find_deployment(tx, service.id, environment.id));
    if (!deployment) {
        return fail(Code::StateConflict, "The service '" + service.code +
                                             "' was never published to '" + environment.code +
                                             "'; publish it there first.");
    }
    if (deployment->state != state) {
        return fail(Code::StateConflict, "The service '" + service.code + "' is already " +
                                             std::string(name(deployment->state)) + " in '" +
                                             environment.code + "'.");
    }
    return *std::move(deployment);
}

struct StateChange {
    model::DeploymentState to;
    const std::string& note;
    const std::vector<model::Environment>& environments;
};

/// The end that stop and start have in common.
Result<Written<ServiceView>> finish(Management& m, store::Transaction& tx, const Caller& caller,
                                    model::Service& service, const StateChange& change) {
    data::Json codes = data::Json::array();
    for (const model::Environment& environment : change.environments) {
        codes.push_back(environment.code);
    }
    touch(service, caller, m.clock.now_ms());
    RETURN_IF_ERROR(tx.services().save(service));
    const bool is_stop = change.to == model::DeploymentState::Stopped;
    const data::Json before{{"environments", codes}, {"state", is_stop ? "running" : "stopped"}};
    const data::Json after{
        {"environments", codes}, {"state", name(change.to)}, {"note", change.note}};
    RETURN_IF_ERROR(record(tx, m, caller, is_stop ? "service.stop" : "service.start",
                           subject_of(service), {before, after}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Service, .service_id = service.id});
    return Written<ServiceView>{std::move(view), revision};
}

}  // namespace

Result<Written<ServiceView>> stop(Management& m, const Caller& caller,
                                  const DeploymentRequest& request) {
    RETURN_IF_ERROR(check_note(request.note));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::PublishService,
                                                          request.service, request.expected));
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     choose_running(tx, service, request));
    RETURN_IF_ERROR(require_transition(tx, service, model::ServiceEvent::Stop));
    for (const model::Environment& environment : environments) {
        ASSIGN_OR_RETURN(model::Deployment deployment,
                         require_state(tx, service, environment, model::DeploymentState::Running));
        deployment.state = model::DeploymentState::Stopped;
        deployment.since = m.clock.now_ms();
        deployment.changed_by = caller.name();
        RETURN_IF_ERROR(tx.deployments().put(deployment));
        RETURN_IF_ERROR(add_history(
            m, tx, caller, service.id,
            {environment, deployment.release, model::ReleaseAction::Stop, request.note}));
    }
    return finish(m, tx, caller, service,
                  {model::DeploymentState::Stopped, request.note, environments});
}

Result<Written<ServiceView>> start(Management& m, const Caller& caller,
                                   const DeploymentRequest& request) {
    RETURN_IF_ERROR(check_note(request.note));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::PublishService,
                                                          request.service, request.expected));
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_requested(tx, service, request));
    RETURN_IF_ERROR(require_transition(tx, service, model::ServiceEvent::Start));
    for (const model::Environment& environment : environments) {
        ASSIGN_OR_RETURN(const model::Deployment deployment,
                         require_state(tx, service, environment, model::DeploymentState::Stopped));
        ASSIGN_OR_RETURN(const model::Release release,
                         tx.releases().get(service.id, deployment.release));
        RETURN_IF_ERROR(require_runnable(m, tx, service, release, {environment}));
        RETURN_IF_ERROR(point(m, tx, caller, environment, release));
        RETURN_IF_ERROR(
            add_history(m, tx, caller, service.id,
                        {environment, release.number, model::ReleaseAction::Start, request.note}));
    }
    return finish(m, tx, caller, service,
                  {model::DeploymentState::Running, request.note, environments});
}

}  // namespace lintel::management
