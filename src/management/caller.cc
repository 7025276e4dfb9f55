#include "management/caller.h"

#include <algorithm>

namespace lintel::management {

Caller::Caller(model::User user, model::ApiToken token, std::vector<model::Membership> memberships,
               ClientInfo client, AccessRights rights)
    : user_(std::move(user)),
      token_(std::move(token)),
      memberships_(std::move(memberships)),
      client_(std::move(client)),
      rights_(std::move(rights)) {}

Caller Caller::at_command_line() {
    Caller caller;
    caller.user_.name = "command line";
    caller.user_.is_system_admin = true;
    return caller;
}

/// A token for some projects opens nothing beside them that is not open to everybody.
Role Caller::role() const {
    return user_.is_system_admin && token_.projects.empty() ? Role::SystemAdmin : Role::User;
}

Role Caller::role_in(const model::ProjectId& project) const {
    if (!is_covered(project)) { return Role::User; }
    if (user_.is_system_admin) { return Role::SystemAdmin; }
    const auto found = std::ranges::find(memberships_, project, &model::Membership::project_id);
    return found == memberships_.end() ? Role::User : role_of(*found);
}

bool Caller::is_covered(const model::ProjectId& project) const {
    return token_.projects.empty() ||
           std::ranges::find(token_.projects, project) != token_.projects.end();
}

/// The decision: the token carries the permission, nothing attached to the user denies it, and the
/// role holds it or something attached allows it.
Status Caller::require_as(Permission permission, Role role, const AccessPlace& place) const {
    const PermissionRule& rule = rule_of(permission);
    const std::string wanted(rule.name);
    const bool is_carried =
        token_.permissions.empty() ||
        std::ranges::find(token_.permissions, wanted) != token_.permissions.end();
    if (!is_carried) {
        return fail(Code::PermissionDenied, "This needs the permission '" + wanted +
                                                "', which the token '" + token_.name +
                                                "' does not carry.");
    }
    // Whoever locks out everybody can still be helped by root.
    if (!user_.is_root && rights_.denies(permission, place)) {
        return fail(Code::PermissionDenied, "This needs the permission '" + wanted +
                                                "', which an access policy denies to you here.");
    }
    const bool is_in_reach =
        token_.projects.empty() || (place.project != nullptr && is_covered(*place.project));
    if (role >= rule.least || (is_in_reach && rights_.allows(permission, place))) { return {}; }
    return fail(Code::PermissionDenied,
                "This needs the permission '" + wanted + "', which the role '" +
                    std::string(management::name(rule.least)) + "' holds; you are '" +
                    std::string(management::name(role)) + "' here.");
}

Status Caller::require(Permission permission) const {
    return require_as(permission, role(), {.reach = AccessPlace::Reach::All});
}

Status Caller::require(Permission permission, const model::ProjectId& project) const {
    return require_as(permission, role_in(project),
                      {.reach = AccessPlace::Reach::One, .project = &project});
}

Status Caller::require(Permission permission, const model::Service& service) const {
    return require_as(
        permission, role_in(service.project_id),
        {.reach = AccessPlace::Reach::One, .project = &service.project_id, .service = &service.id});
}

Status Caller::require_somewhere(Permission permission) const {
    const bool is_of_projects = rule_of(permission).scope == Scope::Project;
    return require_as(permission, is_of_projects ? Role::SystemAdmin : role(),
                      {.reach = AccessPlace::Reach::Somewhere});
}

bool Caller::sees(const model::ProjectId& project) const {
    return role_in(project) > Role::User || (is_covered(project) && rights_.opens(project));
}

bool Caller::sees(const model::Service& service) const {
    return sees(service.project_id) ||
           (is_covered(service.project_id) && rights_.opens(service.id));
}

std::optional<std::vector<model::ProjectId>> Caller::visible_projects() const {
    if (user_.is_system_admin || rights_.opens_all_projects()) {
        return token_.projects.empty() ? std::nullopt : std::optional(token_.projects);
    }
    std::vector<model::ProjectId> visible = rights_.opened_projects();
    for (const model::Membership& membership : memberships_) {
        visible.push_back(membership.project_id);
    }
    std::erase_if(visible, [this](const model::ProjectId& id) { return !is_covered(id); });
    return visible;
}

std::vector<Permission> Caller::permissions() const {
    std::vector<Permission> held;
    for (const PermissionRule& rule : permission_table()) {
        if (require(rule.permission)) { held.push_back(rule.permission); }
    }
    return held;
}

std::vector<Permission> Caller::permissions_in(const model::ProjectId& project) const {
    std::vector<Permission> held;
    for (const PermissionRule& rule : permission_table()) {
        if (rule.scope == Scope::Project && require(rule.permission, project)) {
            held.push_back(rule.permission);
        }
    }
    return held;
}

}  // namespace lintel::management
