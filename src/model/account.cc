#include "model/account.h"

#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<ProjectRole, 2> kProjectRoles{
    {{ProjectRole::Admin, "admin"}, {ProjectRole::Member, "member"}}};
constexpr Names<MemberPermission, 3> kMemberPermissions{
    {{MemberPermission::Read, "read"},
     {MemberPermission::Edit, "edit"},
     {MemberPermission::EditPublish, "edit_publish"}}};

}  // namespace

std::string_view name(ProjectRole role) {
    return name_of(kProjectRoles, role);
}
std::optional<ProjectRole> parse_project_role(std::string_view text) {
    return value_of(kProjectRoles, text);
}

std::string_view name(MemberPermission permission) {
    return name_of(kMemberPermissions, permission);
}
std::optional<MemberPermission> parse_member_permission(std::string_view text) {
    return value_of(kMemberPermissions, text);
}

data::Json to_json(const User& user) {
    return {{"id", user.id.str()},
            {"name", user.name},
            {"display_name", user.display_name},
            {"email", user.email},
            {"is_system_admin", user.is_system_admin},
            {"is_root", user.is_root},
            {"enabled", user.enabled},
            {"mail_notifications", user.mail_notifications},
            {"version", user.version},
            {"created_at", to_rfc3339(user.created_at)}};
}

data::Json to_json(const Membership& membership) {
    return {{"user_id", membership.user_id.str()},
            {"user", membership.user_name},
            {"display_name", membership.display_name},
            {"role", std::string(name(membership.role))},
            {"permission", std::string(name(membership.permission))},
            {"created_at", to_rfc3339(membership.created_at)},
            {"created_by", membership.created_by}};
}

data::Json to_json(const ApiToken& token) {
    data::Json projects = data::Json::array();
    for (const ProjectId& project : token.projects) {
        projects.push_back(project.str());
    }
    return {{"id", token.id.str()},
            {"kind", token.kind == ApiToken::Kind::Session ? "session" : "api"},
            {"name", token.name},
            {"permissions", token.permissions},
            {"projects", std::move(projects)},
            {"created_at", to_rfc3339(token.created_at)},
            {"expires_at", to_rfc3339(token.expires_at)}};
}

data::Json to_json(const AuditEvent& event) {
    return {{"id", event.id.str()},
            {"at", to_rfc3339(event.at)},
            {"actor", event.actor},
            {"token_id", event.token_id},
            {"remote", event.remote},
            {"request_id", event.request_id},
            {"action", event.action},
            {"object_type", event.object_type},
            {"object_id", event.object_id},
            {"object_name", event.object_name},
            {"project", event.project_id.str()},
            {"result", event.result},
            {"before", event.before},
            {"after", event.after}};
}

}  // namespace lintel::model
