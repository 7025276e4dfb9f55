#include "management/draft.h"
#include "management/services.h"
#include "management/steps.h"

namespace lintel::management {

Result<Written<ServiceView>> copy_release(Management& m, const Caller& caller,
                                          const CopyRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service service, load_service(tx, caller, Permission::WriteService,
                                                          request.service, request.expected));
    RETURN_IF_ERROR(require_transition(tx, service, model::ServiceEvent::Copy));
    ASSIGN_OR_RETURN(const std::optional<model::Draft> before, tx.drafts().find(service.id));
    if (before && !request.overwrite) {
        return fail(Code::StateConflict,
                    "The service '" + service.code +
                        "' has a draft already; publish it, or say that it may be overwritten.");
    }
    const std::int64_t number = request.release.value_or(service.latest_release);
    ASSIGN_OR_RETURN(const model::Release release, tx.releases().get(service.id, number));
    model::Draft draft{
        .service_id = service.id, .definition = release.definition, .base_release = release.number};
    RETURN_IF_ERROR(write_draft(m, tx, caller, service, draft));
    RETURN_IF_ERROR(record(tx, m, caller, "service.copy", subject_of(service),
                           {before ? model::to_json(before->definition) : data::Json(nullptr),
                            {{"release", number}}}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    return Written<ServiceView>{std::move(view), m.publisher.revision()};
}

}  // namespace lintel::management
