#include "store/audit.h"

#include "store/documents.h"
#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

Result<model::AuditEvent> to_event(const sql::Row& row) {
    ASSIGN_OR_RETURN(data::Json before, read_document(row.text(11), "audit " + row.text(0)));
    ASSIGN_OR_RETURN(data::Json after, read_document(row.text(12), "audit " + row.text(0)));
    return model::AuditEvent{.id = model::AuditEventId(row.text(0)),
                             .at = row.integer(1),
                             .actor = row.text(2),
                             .token_id = row.text(3),
                             .remote = row.text(4),
                             .request_id = row.text(5),
                             .action = row.text(6),
                             .object_type = row.text(7),
                             .object_id = row.text(8),
                             .object_name = row.text(9),
                             .project_id = model::ProjectId(row.text(13)),
                             .result = row.text(10),
                             .before = std::move(before),
                             .after = std::move(after)};
}

}  // namespace

Status Audit::add(const model::AuditEvent& event) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO audit_events (id, at, actor, token_id, remote, request_id, action,"
        " object_type, object_id, object_name, result, before_value, after_value, project_id,"
        " searched)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        {event.id.str(), event.at, event.actor, event.token_id, event.remote, event.request_id,
         event.action, event.object_type, event.object_id, event.object_name, event.result,
         data::dump(event.before), data::dump(event.after), event.project_id.str(),
         searched_text({event.actor, event.action, event.object_name, event.object_id, event.remote,
                        event.request_id})}));
    return {};
}

Result<std::vector<model::AuditEvent>> Audit::list(const AuditQuery& query, const IdPage& page) {
    Where where;
    if (query.actor) { where.add("actor = ", *query.actor); }
    if (query.action) { where.add("action = ", *query.action); }
    if (query.object_type) { where.add("object_type = ", *query.object_type); }
    if (query.object_id) { where.add("object_id = ", *query.object_id); }
    if (query.projects) { where.add(among(where, "project_id", *query.projects)); }
    if (query.result) { where.add("result = ", *query.result); }
    if (query.since) { where.add("at >= ", *query.since); }
    if (query.until) { where.add("at < ", *query.until); }
    add_search(where, query.text);
    if (!page.after.empty()) { where.add("id < ", page.after); }
    where.keep_newest("audit_events", page.limit);
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT id, at, actor, token_id, remote, request_id, action,"
                               " object_type, object_id, object_name, result, before_value,"
                               " after_value, project_id FROM audit_events" +
                                   where.text() + " ORDER BY id DESC",
                               where.values()));
    return mapped_or_error(rows, to_event);
}

}  // namespace lintel::store
