#include "management/access_rights.h"

#include <algorithm>

#include "base/text.h"

namespace lintel::management {

namespace {

constexpr std::string_view kProduct = "lintel";
constexpr std::string_view kAny = "*";

bool fits(std::string_view pattern, std::string_view text) {
    return pattern == kAny || pattern == text;
}

template <typename Id>
bool has(const std::vector<Id>& ids, const Id* id) {
    return id != nullptr && std::ranges::find(ids, *id) != ids.end();
}

}  // namespace

std::vector<Permission> permissions_of_action(std::string_view action) {
    std::vector<Permission> permissions;
    const std::vector<std::string_view> parts = split(action, ':');
    if (parts.size() != 3 || parts[0] != kProduct) { return permissions; }
    for (const PermissionRule& rule : permission_table()) {
        const std::size_t colon = rule.name.find(':');
        if (fits(parts[1], rule.name.substr(0, colon)) &&
            fits(parts[2], rule.name.substr(colon + 1))) {
            permissions.push_back(rule.permission);
        }
    }
    return permissions;
}

AccessRights::AccessRights(const std::vector<model::AccessPolicy>& policies) {
    for (const model::AccessPolicy& policy : policies) {
        for (const model::AccessStatement& statement : policy.statements) {
            Right right{.effect = statement.effect, .permissions = {}, .is_of_projects = false};
            for (const std::string& action : statement.actions) {
                std::ranges::copy(permissions_of_action(action),
                                  std::back_inserter(right.permissions));
            }
            right.is_of_projects = std::ranges::any_of(right.permissions, [](Permission each) {
                return rule_of(each).scope == Scope::Project;
            });
            for (const std::string_view resource : statement.resources) {
                if (resource.starts_with(kProjectResource)) {
                    right.projects.emplace_back(
                        std::string(resource.substr(kProjectResource.size())));
                } else if (resource.starts_with(kServiceResource)) {
                    right.services.emplace_back(
                        std::string(resource.substr(kServiceResource.size())));
                } else {
                    right.everywhere = right.everywhere || resource == kAny;
                }
            }
            rights_.push_back(std::move(right));
        }
    }
}

bool AccessRights::Right::names(const AccessPlace& place) const {
    return everywhere || has(projects, place.project) || has(services, place.service);
}

bool AccessRights::holds(const Right& right, Permission permission) {
    return std::ranges::find(right.permissions, permission) != right.permissions.end();
}

bool AccessRights::denies(Permission permission, const AccessPlace& place) const {
    const bool in_all =
        place.reach == AccessPlace::Reach::All && rule_of(permission).scope == Scope::Project;
    return std::ranges::any_of(rights_, [&](const Right& right) {
        // What is taken in one project is not held in all.
        return right.effect == model::Effect::Deny && holds(right, permission) &&
               (in_all || right.names(place));
    });
}

bool AccessRights::allows(Permission permission, const AccessPlace& place) const {
    return std::ranges::any_of(rights_, [&](const Right& right) {
        return right.effect == model::Effect::Allow && holds(right, permission) &&
               right.names(place);
    });
}

bool AccessRights::opens(const model::ProjectId& project) const {
    return std::ranges::any_of(rights_, [&](const Right& right) {
        return right.effect == model::Effect::Allow && right.is_of_projects &&
               (right.everywhere || has(right.projects, &project));
    });
}

bool AccessRights::opens(const model::ServiceId& service) const {
    return std::ranges::any_of(rights_, [&](const Right& right) {
        return right.effect == model::Effect::Allow && right.is_of_projects &&
               (right.everywhere || has(right.services, &service));
    });
}

bool AccessRights::opens_all_projects() const {
    return std::ranges::any_of(rights_, [](const Right& right) {
        return right.effect == model::Effect::Allow && right.is_of_projects && right.everywhere;
    });
}

std::vector<model::ProjectId> AccessRights::opened_projects() const {
    std::vector<model::ProjectId> projects;
    for (const Right& right : rights_) {
        if (right.effect != model::Effect::Allow || !right.is_of_projects) { continue; }
        std::ranges::copy(right.projects, std::back_inserter(projects));
    }
    return projects;
}

std::vector<model::ServiceId> AccessRights::opened_services() const {
    std::vector<model::ServiceId> services;
    for (const Right& right : rights_) {
        if (right.effect != model::Effect::Allow || !right.is_of_projects) { continue; }
        std::ranges::copy(right.services, std::back_inserter(services));
    }
    return services;
}

}  // namespace lintel::management
