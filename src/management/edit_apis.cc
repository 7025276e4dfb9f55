#include <algorithm>

#include "management/apis.h"
#include "management/draft.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

std::string pointer_of(const model::ServiceDefinition& definition, const model::ApiId& id) {
    const auto at = std::ranges::find(definition.apis, id, &model::ApiDefinition::id);
    return "/apis/" + std::to_string(at - definition.apis.begin());
}

/// What edit and replace share: `change` makes the new API from the old one.
template <typename ChangeApi>
Result<Written<ApiView>> change_api(Management& m, const Caller& caller, const std::string& service,
                                    const model::ApiId& id, ExpectedVersion expected,
                                    ChangeApi change) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    model::ApiDefinition* api = draft.definition.find(id);
    if (api == nullptr) { return fail(Code::NotFound, "The draft has no API '" + id.str() + "'."); }
    const model::ServiceDefinition before = draft.definition;
    const data::Json old = model::to_json(*api);
    ASSIGN_OR_RETURN(*api, change(*api));
    api->id = id;
    complete(draft.definition, before);
    RETURN_IF_ERROR(write_draft(m, tx, caller, found, draft, pointer_of(draft.definition, id)));
    const model::ApiDefinition& changed = *draft.definition.find(id);
    RETURN_IF_ERROR(record(tx, m, caller, "api.edit", subject_of(changed, found),
                           {old, model::to_json(changed)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<ApiView>{{changed, found.version}, m.publisher.revision()};
}

}  // namespace

Result<Written<ApiView>> create_api(Management& m, const Caller& caller, const std::string& service,
                                    const model::ApiDefinition& api, ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    const model::ServiceDefinition before = draft.definition;
    draft.definition.apis.push_back(api);
    draft.definition.apis.back().id = model::ApiId();
    complete(draft.definition, before);
    const model::ApiDefinition created = draft.definition.apis.back();
    RETURN_IF_ERROR(
        write_draft(m, tx, caller, found, draft, pointer_of(draft.definition, created.id)));
    RETURN_IF_ERROR(record(tx, m, caller, "api.create", subject_of(created, found),
                           {nullptr, model::to_json(created)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<ApiView>{{created, found.version}, m.publisher.revision()};
}

Result<Written<ApiView>> replace_api(Management& m, const Caller& caller,
                                     const std::string& service, const model::ApiId& id,
                                     const model::ApiDefinition& api, ExpectedVersion expected) {
    return change_api(
        m, caller, service, id, expected,
        [&](const model::ApiDefinition&) -> Result<model::ApiDefinition> { return api; });
}

Result<Written<ApiView>> edit_api(Management& m, const Caller& caller, const std::string& service,
                                  const model::ApiId& id, const data::Json& patch,
                                  ExpectedVersion expected) {
    if (!patch.is_object()) { return invalid_field("", "field.type", "must be an object"); }
    return change_api(m, caller, service, id, expected, [&](const model::ApiDefinition& before) {
        data::Json json = model::to_json(before);
        json.merge_patch(patch);
        return model::api_definition_from_json(json);
    });
}

Result<Written<ApiView>> delete_api(Management& m, const Caller& caller, const std::string& service,
                                    const model::ApiId& id, ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    const model::ApiDefinition* api = draft.definition.find(id);
    if (api == nullptr) { return fail(Code::NotFound, "The draft has no API '" + id.str() + "'."); }
    const model::ApiDefinition deleted = *api;
    std::erase_if(draft.definition.apis,
                  [&](const model::ApiDefinition& other) { return other.id == id; });
    RETURN_IF_ERROR(write_draft(m, tx, caller, found, draft));
    RETURN_IF_ERROR(
        record(tx, m, caller, "api.delete", subject_of(deleted, found), {model::to_json(deleted)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<ApiView>{{deleted, found.version}, m.publisher.revision()};
}

}  // namespace lintel::management
