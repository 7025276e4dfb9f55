#include <fmt/format.h>

#include "base/text.h"
#include "management/domains.h"
#include "management/project_view.h"
#include "management/services.h"
#include "management/shelf.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxProjectName = 50;
constexpr std::string_view kProjectPrefix = "prj_";
constexpr int kAtOnce = 200;

Status check_project(const model::Project& project) {
    std::vector<Fault> faults;
    if (trim(project.name).empty() || model::character_count(project.name) > kMaxProjectName) {
        faults.push_back({"/name", "field.length", "must have 1 to 50 characters"});
    } else if (project.name.starts_with(kProjectPrefix)) {
        faults.push_back({"/name", "project.name", "must not begin with 'prj_', as ids do"});
    }
    if (model::character_count(project.description) > model::kMaxDescription) {
        faults.push_back({"/description", "field.length", "may have at most 200 characters"});
    }
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

Status require_free_name(store::Transaction& tx, const model::Project& project) {
    ASSIGN_OR_RETURN(const std::optional<model::Project> holder,
                     tx.projects().find(project.gateway_id, project.name));
    if (!holder || holder->id == project.id) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "There is already a project '" + project.name + "'.",
                 .faults = {{"/name", "name.taken", "is the name of another project"}}});
}

Status require_nothing_runs(store::Transaction& tx, const model::Project& project) {
    ASSIGN_OR_RETURN(const std::vector<model::Service> running,
                     tx.services().list({.projects = std::vector{project.id},
                                         .status = model::ServiceStatus::Running},
                                        {.after = "", .limit = kMaxNamedServices}));
    if (running.empty()) { return {}; }
    std::vector<std::string> codes;
    for (const model::Service& service : running) {
        codes.push_back(service.code);
    }
    return fail(Code::StateConflict,
                fmt::format("In the project '{}' services are running ({}); stop them first.",
                            project.name, fmt::join(codes, ", ")));
}

/// What is left in a project that goes: services that do not run.
Status remove_services(store::Transaction& tx, Management& m, const Caller& caller,
                       const model::Project& project) {
    for (;;) {
        ASSIGN_OR_RETURN(const std::vector<model::Service> services,
                         tx.services().list({.projects = std::vector{project.id}},
                                            {.after = "", .limit = kAtOnce}));
        if (services.empty()) { return {}; }
        for (const model::Service& service : services) {
            RETURN_IF_ERROR(require_unmapped(tx, service.id));
            RETURN_IF_ERROR(leave_shelf(m, tx, caller, service));
            RETURN_IF_ERROR(tx.services().remove(service.id));
            RETURN_IF_ERROR(record(tx, m, caller, "service.delete", subject_of(service),
                                   {{{"name", service.name}, {"project", project.name}}}));
        }
    }
}

}  // namespace

Result<Written<ProjectView>> create_project(Management& m, const Caller& caller,
                                            const std::string& name,
                                            const std::string& description) {
    RETURN_IF_ERROR(caller.require(Permission::WriteProject));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    const model::Project project{.id = model::ProjectId(make_id("prj")),
                                 .gateway_id = gateway.id,
                                 .name = name,
                                 .description = description,
                                 .created_at = m.clock.now_ms()};
    RETURN_IF_ERROR(check_project(project));
    RETURN_IF_ERROR(require_free_name(tx, project));
    RETURN_IF_ERROR(tx.projects().add(project));
    RETURN_IF_ERROR(tx.groups().add({.id = model::GroupId(make_id("grp")),
                                     .project_id = project.id,
                                     .name = std::string(model::kDefaultGroup),
                                     .created_at = project.created_at}));
    RETURN_IF_ERROR(record(tx, m, caller, "project.create", subject_of(project),
                           {nullptr, model::to_json(project)}));
    ASSIGN_OR_RETURN(ProjectView view, view_project(tx, caller, project));
    RETURN_IF_ERROR(tx.commit());
    return Written<ProjectView>{std::move(view), m.publisher.revision()};
}

Result<Written<ProjectView>> edit_project(Management& m, const Caller& caller,
                                          const std::string& project, const ProjectEdit& edit,
                                          ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Project before,
                     load_project(tx, caller, Permission::WriteProject, project));
    RETURN_IF_ERROR(require_version(before.version, expected));
    model::Project after = before;
    after.name = edit.name.value_or(before.name);
    after.description = edit.description.value_or(before.description);
    RETURN_IF_ERROR(check_project(after));
    if (before.is_default && after.name != before.name) {
        return fail(Code::StateConflict, "The default project keeps its name.");
    }
    RETURN_IF_ERROR(require_free_name(tx, after));
    ++after.version;
    RETURN_IF_ERROR(tx.projects().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, "project.edit", subject_of(after),
                           {model::to_json(before), model::to_json(after)}));
    ASSIGN_OR_RETURN(ProjectView view, view_project(tx, caller, after));
    RETURN_IF_ERROR(tx.commit());
    return Written<ProjectView>{std::move(view), m.publisher.revision()};
}

Result<Written<model::Project>> delete_project(Management& m, const Caller& caller,
                                               const std::string& project,
                                               ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Project found,
                     load_project(tx, caller, Permission::WriteProject, project));
    RETURN_IF_ERROR(require_version(found.version, expected));
    if (found.is_default) {
        return fail(Code::StateConflict, "The default project stays; every user belongs to it.");
    }
    RETURN_IF_ERROR(require_nothing_runs(tx, found));
    RETURN_IF_ERROR(remove_services(tx, m, caller, found));
    RETURN_IF_ERROR(tx.projects().remove(found.id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "project.delete", subject_of(found), {model::to_json(found)}));
    RETURN_IF_ERROR(tx.commit());
    // Their credentials go too.
    const std::uint64_t revision = m.publisher.refresh({.kind = Change::Kind::Everything});
    return Written<model::Project>{std::move(found), revision};
}

}  // namespace lintel::management
