#include <algorithm>

#include "management/apis.h"
#include "management/draft.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

Result<model::ApiGroup*> find_group(model::ServiceDefinition& definition,
                                    const std::string& id_or_name) {
    if (id_or_name == model::kDefaultGroup) {
        return fail(Code::StateConflict, "The group 'Default' stays as it is.");
    }
    const auto at = std::ranges::find_if(definition.api_groups, [&](const model::ApiGroup& group) {
        return group.id == id_or_name || group.name == id_or_name;
    });
    if (at == definition.api_groups.end()) {
        return fail(Code::NotFound, "The draft has no API group '" + id_or_name + "'.");
    }
    return &*at;
}

Status require_free_name(const model::ServiceDefinition& definition, const std::string& name) {
    const bool taken = name == model::kDefaultGroup ||
                       std::ranges::find(definition.api_groups, name, &model::ApiGroup::name) !=
                           definition.api_groups.end();
    if (!taken) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "There is already an API group '" + name + "'.",
                 .faults = {{"/name", "name.taken", "is the name of another group"}}});
}

void move_apis(model::ServiceDefinition& definition, const std::string& from,
               const std::string& to) {
    for (model::ApiDefinition& api : definition.apis) {
        if (api.group == from) { api.group = to; }
    }
}

Subject subject_of_group(const model::ApiGroup& group, const model::Service& service) {
    return {.type = "api_group", .id = group.id, .name = group.name, .project = service.project_id};
}

/// The group of this id as the definition has it; null: it has none.
data::Json group_in(const model::ServiceDefinition& definition, const std::string& id) {
    const auto at = std::ranges::find(definition.api_groups, id, &model::ApiGroup::id);
    return at == definition.api_groups.end() ? data::Json(nullptr) : model::to_json(*at);
}

/// `change` alters the definition and gives the group it was about.
template <typename ChangeGroup>
Result<Written<model::ApiGroup>> change_groups(Management& m, const Caller& caller,
                                               const std::string& service, ExpectedVersion expected,
                                               std::string_view action, ChangeGroup change) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Service found,
                     load_service(tx, caller, Permission::WriteService, service, expected));
    ASSIGN_OR_RETURN(model::Draft draft, load_draft(tx, found));
    const model::ServiceDefinition before = draft.definition;
    ASSIGN_OR_RETURN(const model::ApiGroup group, change(draft.definition));
    const auto at = std::ranges::find(draft.definition.api_groups, group);
    const auto index = std::to_string(at - draft.definition.api_groups.begin());
    RETURN_IF_ERROR(write_draft(m, tx, caller, found, draft, "/api_groups/" + index));
    RETURN_IF_ERROR(record(tx, m, caller, action, subject_of_group(group, found),
                           {group_in(before, group.id), group_in(draft.definition, group.id)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::ApiGroup>{group, m.publisher.revision()};
}

}  // namespace

Result<Written<model::ApiGroup>> create_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& name,
                                                  ExpectedVersion expected) {
    return change_groups(m, caller, service, expected, "api_group.create",
                         [&](model::ServiceDefinition& definition) -> Result<model::ApiGroup> {
                             RETURN_IF_ERROR(require_free_name(definition, name));
                             definition.api_groups.push_back({.id = make_id("agr"), .name = name});
                             return definition.api_groups.back();
                         });
}

Result<Written<model::ApiGroup>> rename_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& group, const std::string& name,
                                                  ExpectedVersion expected) {
    return change_groups(m, caller, service, expected, "api_group.rename",
                         [&](model::ServiceDefinition& definition) -> Result<model::ApiGroup> {
                             ASSIGN_OR_RETURN(model::ApiGroup* const found,
                                              find_group(definition, group));
                             if (found->name != name) {
                                 RETURN_IF_ERROR(require_free_name(definition, name));
                             }
                             move_apis(definition, found->name, name);
                             found->name = name;
                             return *found;
                         });
}

Result<Written<model::ApiGroup>> delete_api_group(Management& m, const Caller& caller,
                                                  const std::string& service,
                                                  const std::string& group,
                                                  ExpectedVersion expected) {
    return change_groups(m, caller, service, expected, "api_group.delete",
                         [&](model::ServiceDefinition& definition) -> Result<model::ApiGroup> {
                             ASSIGN_OR_RETURN(model::ApiGroup* const found,
                                              find_group(definition, group));
                             model::ApiGroup deleted = *found;
                             std::erase(definition.api_groups, deleted);
                             move_apis(definition, deleted.name, std::string(model::kDefaultGroup));
                             return deleted;
                         });
}

}  // namespace lintel::management
