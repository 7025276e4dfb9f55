#include "management/permission.h"

#include <array>
#include <utility>

namespace lintel::management {

namespace {

constexpr std::array<std::pair<Permission, std::string_view>, 21> kNames{
    {{Permission::ReadService, "service:read"},
     {Permission::WriteService, "service:write"},
     {Permission::PublishService, "service:publish"},
     {Permission::DeleteService, "service:delete"},
     {Permission::ReadCredential, "credential:read"},
     {Permission::WriteCredential, "credential:write"},
     {Permission::RevealCredential, "credential:reveal"},
     {Permission::ReadEnvironment, "environment:read"},
     {Permission::WriteEnvironment, "environment:write"},
     {Permission::ReadDomain, "domain:read"},
     {Permission::WriteDomain, "domain:write"},
     {Permission::ReadCertificate, "certificate:read"},
     {Permission::WriteCertificate, "certificate:write"},
     {Permission::ReadUpstream, "upstream:read"},
     {Permission::WriteUpstream, "upstream:write"},
     {Permission::ReadUser, "user:read"},
     {Permission::WriteUser, "user:write"},
     {Permission::ReadToken, "token:read"},
     {Permission::WriteToken, "token:write"},
     {Permission::ReadAudit, "audit:read"},
     {Permission::ReadSettings, "settings:read"}}};

constexpr auto kAll = [] {
    std::array<Permission, kNames.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = kNames[i].first;
    }
    return all;
}();

}  // namespace

std::string_view name(Permission permission) {
    for (const auto& [candidate, text] : kNames) {
        if (candidate == permission) { return text; }
    }
    return {};
}

std::optional<Permission> parse_permission(std::string_view text) {
    for (const auto& [candidate, candidate_text] : kNames) {
        if (candidate_text == text) { return candidate; }
    }
    return std::nullopt;
}

std::span<const Permission> all_permissions() {
    return kAll;
}

}  // namespace lintel::management
