#include "base/text.h"
#include "management/places.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

/// Drafts carry the name of their group too; it follows the service into the default group.
Status move_drafts(store::Transaction& tx, const model::Group& group) {
    constexpr int kMovedAtOnce = 200;
    std::string after;
    for (;;) {
        ASSIGN_OR_RETURN(
            const std::vector<model::Service> services,
            tx.services().list({.projects = std::vector{group.project_id}, .group = group.name},
                               {.after = after, .limit = kMovedAtOnce}));
        for (const model::Service& service : services) {
            after = service.id.str();
            ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(service.id));
            if (!draft) { continue; }
            draft->definition.group = std::string(model::kDefaultGroup);
            RETURN_IF_ERROR(tx.drafts().put(*draft));
        }
        if (services.size() < kMovedAtOnce) { return {}; }
    }
}

}  // namespace

Result<std::vector<model::Group>> list_groups(Management& m, const Caller& caller,
                                              const std::optional<std::string>& project) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Project found,
                     load_project(tx, caller, Permission::ReadService, project));
    return tx.groups().list(found.id);
}

Result<Written<model::Group>> create_group(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const std::string& name) {
    if (trim(name).empty() || model::character_count(name) > model::kMaxGroupName) {
        return invalid_field("/name", "field.length", "must have 1 to 50 characters");
    }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Project owner,
                     load_project(tx, caller, Permission::WriteService, project));
    ASSIGN_OR_RETURN(const std::optional<model::Group> taken, tx.groups().find(owner.id, name));
    if (taken) {
        return fail({.code = Code::NameTaken,
                     .message = "There is already a group '" + name + "'.",
                     .faults = {{"/name", "name.taken", "is the name of another group"}}});
    }
    const model::Group group{.id = model::GroupId(make_id("grp")),
                             .project_id = owner.id,
                             .name = name,
                             .created_at = m.clock.now_ms()};
    RETURN_IF_ERROR(tx.groups().add(group));
    RETURN_IF_ERROR(
        record(tx, m, caller, "group.create", subject_of(group), {nullptr, model::to_json(group)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Group>{group, m.publisher.revision()};
}

Result<Written<model::Group>> delete_group(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const std::string& group) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Project owner,
                     load_project(tx, caller, Permission::WriteService, project));
    ASSIGN_OR_RETURN(const std::optional<model::Group> found, tx.groups().find(owner.id, group));
    if (!found) { return fail(Code::NotFound, "There is no service group '" + group + "'."); }
    if (found->name == model::kDefaultGroup) {
        return fail(Code::StateConflict, "The group 'Default' stays as it is.");
    }
    RETURN_IF_ERROR(move_drafts(tx, *found));
    RETURN_IF_ERROR(
        tx.services().move_group(owner.id, found->name, std::string(model::kDefaultGroup)));
    RETURN_IF_ERROR(tx.groups().remove(found->id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "group.delete", subject_of(*found), {model::to_json(*found)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Group>{*found, m.publisher.revision()};
}

}  // namespace lintel::management
