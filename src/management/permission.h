// The permissions of the management API, by name. Every use case requires one; a token may be
// restricted to some of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lintel::management {

enum class Permission : std::uint8_t {
    ReadService,
    WriteService,
    PublishService,
    DeleteService,
    ReadCredential,
    WriteCredential,
    RevealCredential,
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
    ReadToken,
    WriteToken,
    ReadAudit,
    ReadSettings,
};

std::string_view name(Permission permission);  ///< "service:publish"
std::optional<Permission> parse_permission(std::string_view text);
std::span<const Permission> all_permissions();

}  // namespace lintel::management
