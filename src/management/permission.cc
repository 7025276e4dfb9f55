#include "management/permission.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace lintel::management {

namespace {

using enum Permission;
using enum Scope;

/// docs/people.md shows it; the test of the role matrix holds every operation to it.
constexpr std::array kTable{
    PermissionRule{ReadService, "service:read", Project, Role::Read},
    PermissionRule{WriteService, "service:write", Project, Role::Edit},
    PermissionRule{DebugService, "service:debug", Project, Role::Edit},
    PermissionRule{PublishService, "service:publish", Project, Role::EditPublish},
    PermissionRule{DeleteService, "service:delete", Project, Role::EditPublish},
    PermissionRule{ReadCredential, "credential:read", Project, Role::Read},
    PermissionRule{WriteCredential, "credential:write", Project, Role::Edit},
    PermissionRule{RevealCredential, "credential:reveal", Project, Role::Edit},
    PermissionRule{WriteListing, "listing:write", Project, Role::EditPublish},
    PermissionRule{ReadSubscriber, "subscriber:read", Project, Role::Read},
    PermissionRule{WriteSubscriber, "subscriber:write", Project, Role::EditPublish},
    PermissionRule{ReadWebhook, "webhook:read", Project, Role::ProjectAdmin},
    PermissionRule{WriteWebhook, "webhook:write", Project, Role::ProjectAdmin},
    PermissionRule{RevealWebhook, "webhook:reveal", Project, Role::ProjectAdmin},
    PermissionRule{ReadGrant, "grant:read", Project, Role::Read},
    PermissionRule{WriteGrant, "grant:write", Project, Role::EditPublish},
    PermissionRule{ReviewApplication, "application:review", Project, Role::ProjectAdmin},
    PermissionRule{ReadProject, "project:read", Project, Role::Read},
    PermissionRule{WriteProject, "project:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadMember, "member:read", Project, Role::Read},
    PermissionRule{WriteMember, "member:write", Project, Role::ProjectAdmin},
    PermissionRule{ReadGateway, "gateway:read", Installation, Role::User},
    PermissionRule{WriteGateway, "gateway:write", Installation, Role::SystemAdmin},
    // Whoever publishes chooses among environments, upstreams and domains.
    PermissionRule{ReadEnvironment, "environment:read", Installation, Role::User},
    PermissionRule{WriteEnvironment, "environment:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadDomain, "domain:read", Installation, Role::User},
    PermissionRule{WriteDomain, "domain:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadCertificate, "certificate:read", Installation, Role::SystemAdmin},
    PermissionRule{WriteCertificate, "certificate:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadUpstream, "upstream:read", Installation, Role::User},
    PermissionRule{WriteUpstream, "upstream:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadUser, "user:read", Installation, Role::SystemAdmin},
    PermissionRule{WriteUser, "user:write", Installation, Role::SystemAdmin},
    PermissionRule{ReadCatalog, "catalog:read", Installation, Role::User},
    // Of one's own.
    PermissionRule{ReadSubscription, "subscription:read", Installation, Role::User},
    PermissionRule{WriteSubscription, "subscription:write", Installation, Role::User},
    PermissionRule{RevealSubscription, "subscription:reveal", Installation, Role::User},
    PermissionRule{ReadApplication, "application:read", Installation, Role::User},
    PermissionRule{WriteApplication, "application:write", Installation, Role::User},
    PermissionRule{WriteAccount, "account:write", Installation, Role::User},
    PermissionRule{ReadToken, "token:read", Installation, Role::User},
    PermissionRule{WriteToken, "token:write", Installation, Role::User},
    PermissionRule{ReadAudit, "audit:read", Project, Role::ProjectAdmin},
    PermissionRule{ReadSettings, "settings:read", Installation, Role::SystemAdmin},
};

}  // namespace

std::string_view name(Scope scope) {
    return scope == Installation ? "installation" : "project";
}

std::string_view name(Role role) {
    switch (role) {
        case Role::User: return "user";
        case Role::Read: return "read";
        case Role::Edit: return "edit";
        case Role::EditPublish: return "edit_publish";
        case Role::ProjectAdmin: return "project_admin";
        case Role::SystemAdmin: break;
    }
    return "system_admin";
}

Role role_of(const model::Membership& membership) {
    if (membership.role == model::ProjectRole::Admin) { return Role::ProjectAdmin; }
    switch (membership.permission) {
        case model::MemberPermission::Edit: return Role::Edit;
        case model::MemberPermission::EditPublish: return Role::EditPublish;
        case model::MemberPermission::Read: break;
    }
    return Role::Read;
}

std::span<const PermissionRule> permission_table() {
    return kTable;
}

const PermissionRule& rule_of(Permission permission) {
    const auto* const found = std::ranges::find(kTable, permission, &PermissionRule::permission);
    LINTEL_ASSERT(found != kTable.end(), "every permission is in the table");
    return *found;
}

std::string_view name(Permission permission) {
    return rule_of(permission).name;
}

std::optional<Permission> parse_permission(std::string_view text) {
    const auto* const found = std::ranges::find(kTable, text, &PermissionRule::name);
    return found == kTable.end() ? std::nullopt : std::optional(found->permission);
}

}  // namespace lintel::management
