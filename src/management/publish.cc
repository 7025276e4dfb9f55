#include "management/deploy.h"
#include "management/grant_rules.h"
#include "management/releases.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// The draft frozen under the next number, or the release that was chosen.
Result<model::Release> choose_release(Management& m, store::Transaction& tx, const Caller& caller,
                                      const model::Service& service,
                                      const PublishRequest& request) {
    if (request.release) { return tx.releases().get(service.id, *request.release); }
    ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(service.id));
    if (!draft) { return fail(Code::StateConflict, "The service has no draft."); }
    return model::Release{.service_id = service.id,
                          .number = service.latest_release + 1,
                          .definition = std::move(draft->definition),
                          .note = request.note,
                          .created_at = m.clock.now_ms(),
                          .created_by = caller.name()};
}

/// The draft becomes the release; it must be copied back to be edited again.
Status freeze(store::Transaction& tx, model::Service& service, const model::Release& release) {
    RETURN_IF_ERROR(tx.releases().add(release));
    RETURN_IF_ERROR(tx.drafts().remove(service.id));
    service.latest_release = release.number;
    return {};
}

data::Json as_published(const PublishRequest& request, const model::Release& release) {
    return {{"release", release.number},
            {"environments", request.environments},
            {"note", request.note}};
}

}  // namespace

Result<Written<PublishResult>> publish(Management& m, const Caller& caller,
                                       const PublishRequest& request) {
    RETURN_IF_ERROR(check_note(request.note));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::PublishService,
                                                          request.service, request.expected));
    RETURN_IF_ERROR(require_transition(
        tx, service,
        request.release ? model::ServiceEvent::PublishRelease : model::ServiceEvent::Publish));
    ASSIGN_OR_RETURN(const std::vector<model::Environment> targets,
                     load_targets(tx, service.gateway_id, request.environments));
    ASSIGN_OR_RETURN(const model::Release release, choose_release(m, tx, caller, service, request));
    // What cannot compile is never stored.
    RETURN_IF_ERROR(require_runnable(m, tx, service, release, targets));

    if (!request.release) { RETURN_IF_ERROR(freeze(tx, service, release)); }
    PublishResult result{.release = release, .deployments = {}};
    data::Json replaced = data::Json::object();
    for (const model::Environment& environment : targets) {
        ASSIGN_OR_RETURN(const auto before, find_deployment(tx, service.id, environment.id));
        ASSIGN_OR_RETURN(model::Deployment deployment, point(m, tx, caller, environment, release));
        if (before) { replaced[environment.code] = before->release; }
        const auto action = before ? model::ReleaseAction::Replace : model::ReleaseAction::Publish;
        RETURN_IF_ERROR(add_history(m, tx, caller, service.id,
                                    {environment, release.number, action, request.note}));
        result.deployments.push_back({std::move(deployment), environment.code});
    }
    RETURN_IF_ERROR(end_grants_of_lost_apis(m, tx, caller, service));
    touch(service, caller, m.clock.now_ms());
    RETURN_IF_ERROR(tx.services().save(service));
    RETURN_IF_ERROR(record(tx, m, caller, "service.publish", subject_of(service),
                           {{{"releases", replaced}}, as_published(request, release)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Service, .service_id = service.id});
    return Written<PublishResult>{std::move(result), revision};
}

}  // namespace lintel::management
