// The permissions of the management API and who holds them: one table. Every use case requires one;
// a token may be restricted to some of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/account.h"

namespace lintel::management {

enum class Permission : std::uint8_t {
    ReadService,
    WriteService,
    PublishService,
    DebugService,
    DeleteService,
    ReadCredential,
    WriteCredential,
    RevealCredential,
    WriteListing,
    ReadSubscriber,
    WriteSubscriber,
    ReadWebhook,
    WriteWebhook,
    RevealWebhook,
    ReadGrant,
    WriteGrant,
    ReviewApplication,
    ReadProject,
    WriteProject,
    ReadMember,
    WriteMember,
    ReadGateway,
    WriteGateway,
    ReadEnvironment,
    WriteEnvironment,
    ReadDomain,
    WriteDomain,
    ReadCertificate,
    WriteCertificate,
    ReadUpstream,
    WriteUpstream,
    ReadUser,
    WriteUser,
    ReadCatalog,
    ReadSubscription,
    WriteSubscription,
    RevealSubscription,
    ReadApplication,
    WriteApplication,
    WriteAccount,
    ReadToken,
    WriteToken,
    ReadAudit,
    ReadSettings,
};

/// What a permission is held in: the whole installation, or one project.
enum class Scope : std::uint8_t { Installation, Project };
std::string_view name(Scope scope);  ///< "installation", "project"

/// What somebody is, in a project or in the installation. Each holds all that those before it hold.
enum class Role : std::uint8_t { User, Read, Edit, EditPublish, ProjectAdmin, SystemAdmin };
std::string_view name(Role role);  ///< "user", "read", "edit", "edit_publish", "project_admin"...
Role role_of(const model::Membership& membership);

struct PermissionRule {
    Permission permission;
    std::string_view name;  ///< "service:publish"
    Scope scope;
    Role least;  ///< who holds it: this role and those after it
};

std::span<const PermissionRule> permission_table();
const PermissionRule& rule_of(Permission permission);
std::string_view name(Permission permission);
std::optional<Permission> parse_permission(std::string_view text);

}  // namespace lintel::management
