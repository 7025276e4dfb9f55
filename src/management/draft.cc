#include "management/draft.h"

#include <algorithm>
#include <iterator>

#include "management/grant_rules.h"
#include "management/steps.h"
#include "management/upstream_rules.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

bool is_known_group(const model::ServiceDefinition& definition, const std::string& name) {
    return name == model::kDefaultGroup ||
           std::ranges::any_of(definition.api_groups,
                               [&](const model::ApiGroup& group) { return group.name == name; });
}

void complete_groups(model::ServiceDefinition& definition, const model::ServiceDefinition& before) {
    for (const model::ApiDefinition& api : definition.apis) {
        if (!api.group.empty() && !is_known_group(definition, api.group)) {
            definition.api_groups.push_back({.id = "", .name = api.group});
        }
    }
    for (model::ApiGroup& group : definition.api_groups) {
        if (!group.id.empty()) { continue; }
        const auto old = std::ranges::find(before.api_groups, group.name, &model::ApiGroup::name);
        group.id = old != before.api_groups.end() ? old->id : make_id("agr");
    }
}

bool has_policies(const model::ServiceDefinition& definition) {
    return !definition.policies.empty() ||
           std::ranges::any_of(definition.apis, [](const model::ApiDefinition& api) {
               return !api.policies.empty();
           });
}

/// What only the policy itself can judge (an address block, say) is told when it is saved, not when
/// it is published. Everything else may be unfinished in a draft.
void check_policies(Management& m, const model::ServiceDefinition& definition,
                    std::vector<Fault>& faults) {
    if (!faults.empty() || !has_policies(definition)) { return; }
    const model::Service service;
    const model::Environment environment;
    const model::Release release{.definition = definition};
    const Status compiled = m.publisher.check({service, release, environment});
    if (compiled) { return; }
    std::ranges::copy_if(compiled.error().faults, std::back_inserter(faults),
                         [](const Fault& f) { return f.pointer.contains("/policies/"); });
}

}  // namespace

Result<model::Draft> load_draft(store::Transaction& tx, const model::Service& service) {
    RETURN_IF_ERROR(require_transition(tx, service, model::ServiceEvent::Edit));
    ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(service.id));
    if (!draft) { return fail(Code::StateConflict, "The service has no draft."); }
    return *std::move(draft);
}

void complete(model::ServiceDefinition& definition, const model::ServiceDefinition& before) {
    for (model::ApiDefinition& api : definition.apis) {
        // An id that this service never gave out is not taken over: ids name limits and log lines.
        if (!api.id.empty() && before.find(api.id) != nullptr) { continue; }
        const auto old = std::ranges::find_if(before.apis, [&](const model::ApiDefinition& other) {
            return other.method == api.method &&
                   model::path_shape(other.path) == model::path_shape(api.path) &&
                   std::as_const(definition).find(other.id) == nullptr;
        });
        api.id = old != before.apis.end() ? old->id : model::ApiId(make_id("api"));
    }
    complete_groups(definition, before);
}

Status check_definition(Management& m, store::Transaction& tx, const model::GatewayId& gateway,
                        const model::ServiceDefinition& definition,
                        std::string_view pointer_prefix) {
    std::vector<Fault> faults;
    model::check(definition, "", faults);
    m.kinds.check(definition, "", faults);
    RETURN_IF_ERROR(check_references(m, tx, gateway, definition, faults));
    check_policies(m, definition, faults);
    if (faults.empty()) { return {}; }
    for (Fault& fault : faults) {
        const std::string_view pointer = fault.pointer;
        if (!pointer_prefix.empty() && pointer.starts_with(pointer_prefix) &&
            (pointer.size() == pointer_prefix.size() || pointer[pointer_prefix.size()] == '/')) {
            fault.pointer.erase(0, pointer_prefix.size());
        }
    }
    return fail(invalid_fields(std::move(faults)));
}

Status mirror(Management& m, store::Transaction& tx, model::Service& service,
              const model::ServiceDefinition& definition) {
    ASSIGN_OR_RETURN(
        const std::vector<model::Service> same_name,
        tx.services().list({.projects = std::vector{service.project_id}, .name = definition.name},
                           {.after = "", .limit = 1}));
    if (!same_name.empty() && same_name.front().id != service.id) {
        return fail({.code = Code::NameTaken,
                     .message = "Another service of the project ('" + same_name.front().code +
                                "') is named '" + definition.name + "'.",
                     .faults = {{"/name", "name.taken", "is the name of another service"}}});
    }
    ASSIGN_OR_RETURN(const std::optional<model::Group> group,
                     tx.groups().find(service.project_id, definition.group));
    if (!group) {
        RETURN_IF_ERROR(tx.groups().add({.id = model::GroupId(make_id("grp")),
                                         .project_id = service.project_id,
                                         .name = definition.group,
                                         .created_at = m.clock.now_ms()}));
    }
    service.name = definition.name;
    service.description = definition.description;
    service.protocol = definition.protocol;
    service.group = definition.group;
    return {};
}

Status write_draft(Management& m, store::Transaction& tx, const Caller& caller,
                   model::Service& service, model::Draft& draft, std::string_view pointer_prefix) {
    RETURN_IF_ERROR(check_definition(m, tx, service.gateway_id, draft.definition, pointer_prefix));
    RETURN_IF_ERROR(mirror(m, tx, service, draft.definition));
    draft.updated_at = m.clock.now_ms();
    draft.updated_by = caller.name();
    touch(service, caller, draft.updated_at);
    RETURN_IF_ERROR(tx.services().save(service));
    RETURN_IF_ERROR(tx.services().put_labels(service.id, draft.definition.labels));
    RETURN_IF_ERROR(tx.drafts().put(draft));
    return end_grants_of_lost_apis(m, tx, caller, service);
}

data::Json basics_to_json(const model::ServiceDefinition& definition) {
    model::ServiceDefinition basics = definition;
    basics.apis.clear();
    basics.components = data::Json::object();
    data::Json json = model::to_json(basics);
    json.erase("apis");
    json.erase("components");
    return json;
}

}  // namespace lintel::management
