#include "store/members.h"

#include "store/rows.h"

namespace lintel::store {

namespace {

/// What is unknown is read as the least there is.
model::Membership to_membership(const sql::Row& row) {
    return {.project_id = model::ProjectId(row.text(0)),
            .user_id = model::UserId(row.text(1)),
            .user_name = row.text(2),
            .display_name = row.text(3),
            .role = model::parse_project_role(row.text(4)).value_or(model::ProjectRole::Member),
            .permission =
                model::parse_member_permission(row.text(5)).value_or(model::MemberPermission::Read),
            .created_at = row.integer(6),
            .created_by = row.text(7)};
}

}  // namespace

Status Members::put(const model::Membership& membership) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO memberships (project_id, user_id, role, permission, created_at, created_by)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role,"
        " permission = excluded.permission",
        {membership.project_id.str(), membership.user_id.str(), std::string(name(membership.role)),
         std::string(name(membership.permission)), membership.created_at, membership.created_by}));
    return {};
}

Status Members::remove(const model::ProjectId& project, const model::UserId& user) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM memberships WHERE project_id = $1 AND user_id = $2",
                                {project.str(), user.str()}));
    return {};
}

Result<std::optional<model::Membership>> Members::find(const model::ProjectId& project,
                                                       const model::UserId& user) {
    Where where;
    where.add("m.project_id = ", project.str());
    where.add("m.user_id = ", user.str());
    ASSIGN_OR_RETURN(std::vector<model::Membership> found, select(where, ""));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<model::Membership>> Members::of_project(const model::ProjectId& project,
                                                           const IdPage& page) {
    Where where;
    where.add("m.project_id = ", project.str());
    if (!page.after.empty()) { where.add("u.name > ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    return select(where, " ORDER BY u.name LIMIT " + limit);
}

Result<std::vector<std::string>> Members::admins_of(const model::ProjectId& project, int limit) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT u.name FROM memberships m JOIN users u ON u.id = m.user_id"
                  " WHERE m.project_id = $1 AND m.role = 'admin' ORDER BY u.name LIMIT $2",
                  {project.str(), std::int64_t{limit}}));
    return mapped(rows, first_text);
}

Result<std::vector<model::Membership>> Members::of_user(const model::UserId& user) {
    Where where;
    where.add("m.user_id = ", user.str());
    return select(where, " ORDER BY m.project_id");
}

Result<std::vector<model::Membership>> Members::select(const Where& where,
                                                       const std::string& tail) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query(
            "SELECT m.project_id, m.user_id, u.name, u.display_name, m.role, m.permission,"
            " m.created_at, m.created_by FROM memberships m JOIN users u ON u.id = m.user_id" +
                where.text() + tail,
            where.values()));
    return mapped(rows, to_membership);
}

}  // namespace lintel::store
