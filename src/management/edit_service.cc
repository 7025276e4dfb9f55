#include "management/draft.h"
#include "management/new_service.h"
#include "management/services.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// Applies the patch to the basic fields; APIs and components stay.
Result<model::ServiceDefinition> patched(const model::ServiceDefinition& before,
                                         const data::Json& patch) {
    data::Json json = basics_to_json(before);
    json.merge_patch(patch);
    for (const char* member : {"apis", "components"}) {
        if (json.contains(member)) {
            return invalid_field(std::string("/") + member, "field.unknown",
                                 "is not changed here; edit the APIs, or replace the draft");
        }
    }
    ASSIGN_OR_RETURN(model::ServiceDefinition after, model::service_definition_from_json(json));
    after.apis = before.apis;
    after.components = before.components;
    return after;
}

Status change_code(store::Transaction& tx, model::Service& service, const data::Json& code) {
    if (!code.is_string()) { return invalid_field("/code", "field.type", "must be a string"); }
    const std::string wanted = code.get<std::string>();
    if (wanted == service.code) { return {}; }
    if (service.latest_release > 0) {
        return fail({.code = Code::StateConflict,
                     .message = "The code '" + service.code +
                                "' is part of the call address and fixed since the first publish.",
                     .faults = {{"/code", "code.fixed", "cannot change after the first publish"}}});
    }
    RETURN_IF_ERROR(require_free_code(tx, service.gateway_id, wanted));
    service.code = wanted;
    return {};
}

}  // namespace

Result<Written<ServiceView>> edit_service(Management& m, const Caller& caller,
                                          const std::string& service, const data::Json& patch,
                                          ExpectedVersion expected) {
    if (!patch.is_object()) { return invalid_field("", "field.type", "must be an object"); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    data::Json fields = patch;
    if (const auto code = fields.find("code"); code != fields.end()) {
        RETURN_IF_ERROR(change_code(tx, found, *code));
        fields.erase(code);
    }
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    const model::ServiceDefinition before = draft.definition;
    ASSIGN_OR_RETURN(draft.definition, patched(before, fields));
    complete(draft.definition, before);
    RETURN_IF_ERROR(write_draft(m, tx, caller, found, draft));
    RETURN_IF_ERROR(record(tx, m, caller, "service.edit", subject_of(found),
                           {basics_to_json(before), basics_to_json(draft.definition)}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, found));
    RETURN_IF_ERROR(tx.commit());
    return Written<ServiceView>{std::move(view), m.publisher.revision()};
}

Result<Written<ServiceView>> replace_draft(Management& m, const Caller& caller,
                                           const std::string& service,
                                           const model::ServiceDefinition& definition,
                                           ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    const model::ServiceDefinition before = draft.definition;
    draft.definition = definition;
    complete(draft.definition, before);
    RETURN_IF_ERROR(write_draft(m, tx, caller, found, draft));
    RETURN_IF_ERROR(record(tx, m, caller, "service.replace_draft", subject_of(found),
                           {model::to_json(before), model::to_json(draft.definition)}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, found));
    RETURN_IF_ERROR(tx.commit());
    return Written<ServiceView>{std::move(view), m.publisher.revision()};
}

}  // namespace lintel::management
