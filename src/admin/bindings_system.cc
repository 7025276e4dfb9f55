// Plugins, settings, revision, the record of changes and the contract itself.
#include "admin/bindings.h"
#include "management/audit.h"

namespace lintel::admin {

namespace {

using data::Json;

Result<Answer> list_audit_events(const Call& call) {
    management::AuditFilter filter{.actor = call.query_text("actor"),
                                   .action = call.query_text("action"),
                                   .object_type = call.query_text("object_type"),
                                   .object_id = call.query_text("object_id")};
    if (const auto text = call.query_text("since")) { filter.since = parse_rfc3339(*text); }
    if (const auto text = call.query_text("until")) { filter.until = parse_rfc3339(*text); }
    ASSIGN_OR_RETURN(const auto page, management::list_audit_events(call.management, *call.caller,
                                                                    filter, call.page()));
    return page_answer(page, [](const model::AuditEvent& event) { return model::to_json(event); });
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
        {"listAuditEvents", list_audit_events}, {"listKinds", list_kinds},
        {"showRevision", show_revision},        {"showSettings", show_settings},
        {"showContract", show_contract},
    };
}

}  // namespace lintel::admin
