#include "management/project_view.h"

namespace lintel::management {

namespace {

constexpr int kShownAdmins = 3;

/// `gateway`: of this one; absent: of all.
Result<Page<ProjectView>> load_page(store::Transaction& tx, const Caller& caller,
                                    const std::optional<model::GatewayId>& gateway,
                                    const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(
        std::vector<model::Project> projects,
        tx.projects().list(gateway, caller.visible_projects(), {.after = after, .limit = limit}));
    Page<model::Project> found = page_of(
        std::move(projects), page, [](const model::Project& project) { return project.id.str(); });
    Page<ProjectView> views{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (const model::Project& project : found.items) {
        if (!caller.sees(project.id)) { continue; }
        ASSIGN_OR_RETURN(views.items.emplace_back(), view_project(tx, caller, project));
    }
    return views;
}

}  // namespace

Subject subject_of(const model::Project& project) {
    return {.type = "project", .id = project.id.str(), .name = project.name, .project = project.id};
}

data::Json to_json(const ProjectView& view) {
    data::Json permissions = data::Json::array();
    for (const Permission permission : view.permissions) {
        permissions.push_back(std::string(name(permission)));
    }
    data::Json json = model::to_json(view.project);
    json["admins"] = view.admins;
    json["role"] = std::string(name(view.role));
    json["permissions"] = std::move(permissions);
    return json;
}

Result<ProjectView> view_project(store::Transaction& tx, const Caller& caller,
                                 const model::Project& project) {
    ProjectView view{.project = project,
                     .role = caller.role_in(project.id),
                     .permissions = caller.permissions_in(project.id)};
    ASSIGN_OR_RETURN(view.admins, tx.members().admins_of(project.id, kShownAdmins));
    return view;
}

Result<Page<ProjectView>> list_projects(Management& m, const Caller& caller,
                                        const PageRequest& page) {
    RETURN_IF_ERROR(caller.require_somewhere(Permission::ReadProject));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(Page<ProjectView> found, load_page(tx, caller, gateway.id, page));
    std::erase_if(found.items, [&](const ProjectView& view) {
        return !caller.require(Permission::ReadProject, view.project.id);
    });
    return found;
}

Result<std::vector<ProjectView>> projects_of(Management& m, const Caller& caller) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(Page<ProjectView> page,
                     load_page(tx, caller, {}, {.page_size = kMaxPageSize}));
    return std::move(page.items);
}

Result<ProjectView> show_project(Management& m, const Caller& caller, const std::string& project) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Project found,
                     load_project(tx, caller, Permission::ReadProject, project));
    return view_project(tx, caller, found);
}

}  // namespace lintel::management
