#include "management/deploy.h"
#include "management/grant_rules.h"
#include "management/releases.h"
#include "management/steps.h"

namespace lintel::management {

Result<Written<ServiceView>> roll_back(Management& m, const Caller& caller,
                                       const RollBackRequest& request) {
    RETURN_IF_ERROR(check_note(request.note));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::PublishService,
                                                          request.service, request.expected));
    RETURN_IF_ERROR(require_transition(tx, service, model::ServiceEvent::RollBack));
    ASSIGN_OR_RETURN(const model::Environment environment,
                     load_environment(tx, service.gateway_id, request.environment));
    ASSIGN_OR_RETURN(const std::optional<model::Deployment> before,
                     find_deployment(tx, service.id, environment.id));
    if (!before) {
        return fail(Code::StateConflict, "The service '" + service.code +
                                             "' was never published to '" + environment.code +
                                             "'; publish the release there instead.");
    }
    if (before->release == request.release && before->state == model::DeploymentState::Running) {
        return fail(Code::StateConflict, "Release " + std::to_string(request.release) +
                                             " already runs in '" + environment.code + "'.");
    }
    ASSIGN_OR_RETURN(const model::Release release, tx.releases().get(service.id, request.release));
    RETURN_IF_ERROR(require_runnable(m, tx, service, release, {environment}));
    RETURN_IF_ERROR(point(m, tx, caller, environment, release));
    RETURN_IF_ERROR(
        add_history(m, tx, caller, service.id,
                    {environment, release.number, model::ReleaseAction::RollBack, request.note}));
    RETURN_IF_ERROR(end_grants_of_lost_apis(m, tx, caller, service));
    touch(service, caller, m.clock.now_ms());
    RETURN_IF_ERROR(tx.services().save(service));
    RETURN_IF_ERROR(record(tx, m, caller, "service.rollback", subject_of(service),
                           {{{"environment", environment.code}, {"release", before->release}},
                            {{"environment", environment.code}, {"release", release.number}}}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Service, .service_id = service.id});
    return Written<ServiceView>{std::move(view), revision};
}

}  // namespace lintel::management
