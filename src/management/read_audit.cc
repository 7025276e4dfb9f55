#include "management/audit.h"
#include "management/steps.h"

namespace lintel::management {

Result<Page<model::AuditEvent>> list_audit_events(Management& m, const Caller& caller,
                                                  const AuditFilter& filter,
                                                  const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadAudit));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(std::vector<model::AuditEvent> events,
                     tx.audit().list({.actor = filter.actor,
                                      .action = filter.action,
                                      .object_type = filter.object_type,
                                      .object_id = filter.object_id,
                                      .since = filter.since,
                                      .until = filter.until},
                                     {.after = after, .limit = limit}));
    return page_of(std::move(events), page,
                   [](const model::AuditEvent& event) { return event.id.str(); });
}

}  // namespace lintel::management
