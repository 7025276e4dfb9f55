#include "management/audit.h"
#include "management/audit_csv.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// The projects whose events the caller may read; none: all there are, and those of no project.
Result<std::optional<std::vector<model::ProjectId>>> audited_projects(
    store::Transaction& tx, const Caller& caller, const std::optional<std::string>& project) {
    if (project) {
        ASSIGN_OR_RETURN(const model::Project one,
                         load_project_anywhere(tx, caller, Permission::ReadAudit, *project));
        return std::optional(std::vector{one.id});
    }
    const Status in_all = caller.require(Permission::ReadAudit);
    if (in_all) { return std::optional<std::vector<model::ProjectId>>(); }
    std::vector<model::ProjectId> projects =
        caller.visible_projects().value_or(std::vector<model::ProjectId>());
    std::erase_if(projects, [&](const model::ProjectId& id) {
        return !caller.require(Permission::ReadAudit, id);
    });
    if (projects.empty()) { return std::unexpected(in_all.error()); }
    return std::optional(std::move(projects));
}

Result<std::vector<model::AuditEvent>> load_events(Management& m, const Caller& caller,
                                                   const AuditFilter& filter,
                                                   const store::IdPage& page) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const std::optional<std::vector<model::ProjectId>> projects,
                     audited_projects(tx, caller, filter.project));
    return tx.audit().list({.actor = filter.actor,
                            .action = filter.action,
                            .object_type = filter.object_type,
                            .object_id = filter.object_id,
                            .projects = projects,
                            .result = filter.result,
                            .since = filter.since,
                            .until = filter.until,
                            .text = filter.text},
                           page);
}

}  // namespace

Result<Page<model::AuditEvent>> list_audit_events(Management& m, const Caller& caller,
                                                  const AuditFilter& filter,
                                                  const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(std::vector<model::AuditEvent> events,
                     load_events(m, caller, filter, {.after = after, .limit = limit}));
    return page_of(std::move(events), page,
                   [](const model::AuditEvent& event) { return event.id.str(); });
}

Result<std::string> export_audit_events(Management& m, const Caller& caller,
                                        const AuditFilter& filter) {
    ASSIGN_OR_RETURN(const std::vector<model::AuditEvent> events,
                     load_events(m, caller, filter, {.limit = kMaxExportedEvents}));
    return to_csv(events);
}

}  // namespace lintel::management
