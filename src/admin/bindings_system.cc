// Plugins, settings, revision, the record of changes and the contract itself.
#include "admin/bindings.h"
#include "management/audit.h"

namespace lintel::admin {

namespace {

using data::Json;

management::AuditFilter audit_filter(const Call& call) {
    management::AuditFilter filter{.actor = call.query_text("actor"),
                                   .action = call.query_text("action"),
                                   .object_type = call.query_text("object_type"),
                                   .object_id = call.query_text("object_id"),
                                   .project = call.query_text("project"),
                                   .result = call.query_text("result"),
                                   .text = call.query_text("q").value_or("")};
    if (const auto text = call.query_text("since")) { filter.since = parse_rfc3339(*text); }
    if (const auto text = call.query_text("until")) { filter.until = parse_rfc3339(*text); }
    return filter;
}

Result<Answer> list_audit_events(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_audit_events(call.management, *call.caller,
                                                   audit_filter(call), call.page()));
    return page_answer(page, [](const model::AuditEvent& event) { return model::to_json(event); });
}

Result<Answer> export_audit_events(const Call& call) {
    ASSIGN_OR_RETURN(std::string csv, management::export_audit_events(call.management, *call.caller,
                                                                      audit_filter(call)));
    return Answer{.text = std::move(csv), .media_type = "text/csv; charset=utf-8; header=present"};
}

Result<Answer> list_kinds(const Call& call) {
    return list_answer(call.management.kinds.all(), [](const model::KindInfo& kind) {
        return Json{{"family", std::string(family_name(kind.family))},
                    {"name", kind.name},
                    {"phase", kind.phase},
                    {"schema", kind.schema}};
    });
}

Result<Answer> show_revision(const Call& call) {
    return Answer::shown({{"revision", call.management.publisher.revision()}});
}

Result<Answer> show_settings(const Call& call) {
    // The app's table knows more than management::Settings: names, origins and documentation.
    RETURN_IF_ERROR(call.caller->require(management::Permission::ReadSettings));
    return Answer::shown({{"items", call.node.settings}});
}

Result<Answer> show_contract(const Call& call) {
    return Answer::shown(call.node.contract);
}

}  // namespace

std::vector<Binding> system_bindings() {
    return {
        {"listAuditEvents", list_audit_events},
        {"exportAuditEvents", export_audit_events},
        {"listKinds", list_kinds},
        {"showRevision", show_revision},
        {"showSettings", show_settings},
        {"showContract", show_contract},
    };
}

}  // namespace lintel::admin
