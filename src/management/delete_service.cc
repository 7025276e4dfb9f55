#include "management/domains.h"
#include "management/services.h"
#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

Result<Written<model::Service>> delete_service(Management& m, const Caller& caller,
                                               const std::string& service,
                                               ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::DeleteService, service, expected));
    RETURN_IF_ERROR(require_transition(tx, found, model::ServiceEvent::Delete));
    RETURN_IF_ERROR(require_unmapped(tx, found.id));
    RETURN_IF_ERROR(leave_shelf(m, tx, caller, found));
    RETURN_IF_ERROR(tx.services().remove(found.id));
    RETURN_IF_ERROR(record(tx, m, caller, "service.delete", subject_of(found),
                           {{{"name", found.name}, {"latest_release", found.latest_release}}}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Service, .service_id = found.id});
    return Written<model::Service>{found, revision};
}

}  // namespace lintel::management
