#include "store/places.h"

#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kEnvironmentColumns =
    "id, gateway_id, code, name, status, version, created_at";

model::Environment to_environment(const sql::Row& row) {
    return {.id = model::EnvironmentId(row.text(0)),
            .gateway_id = model::GatewayId(row.text(1)),
            .code = row.text(2),
            .name = row.text(3),
            .status = model::parse_environment_status(row.text(4))
                          .value_or(model::EnvironmentStatus::Suspended),
            .version = row.integer(5),
            .created_at = row.integer(6)};
}

constexpr std::string_view kProjectColumns =
    "id, gateway_id, name, description, is_default, version, created_at";

model::Project to_project(const sql::Row& row) {
    return {.id = model::ProjectId(row.text(0)),
            .gateway_id = model::GatewayId(row.text(1)),
            .name = row.text(2),
            .description = row.text(3),
            .is_default = row.flag(4),
            .version = row.integer(5),
            .created_at = row.integer(6)};
}

model::Group to_group(const sql::Row& row) {
    return {.id = model::GroupId(row.text(0)),
            .project_id = model::ProjectId(row.text(1)),
            .name = row.text(2),
            .created_at = row.integer(3)};
}

}  // namespace

Status Gateways::add(const model::Gateway& gateway) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO gateways (id, code, name, created_at) VALUES ($1, $2, $3, $4)",
                    {gateway.id.str(), gateway.code, gateway.name, gateway.created_at}));
    return {};
}

Result<std::optional<model::Gateway>> Gateways::find_by_code(const std::string& code) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT id, code, name, created_at FROM gateways WHERE code = $1", {code}));
    if (!row) { return std::optional<model::Gateway>(); }
    return std::optional(model::Gateway{.id = model::GatewayId(row->text(0)),
                                        .code = row->text(1),
                                        .name = row->text(2),
                                        .created_at = row->integer(3)});
}

Status Projects::add(const model::Project& project) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO projects (id, gateway_id, name, description, is_default, version,"
                    " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    {project.id.str(), project.gateway_id.str(), project.name, project.description,
                     project.is_default, project.version, project.created_at}));
    return {};
}

Result<model::Project> Projects::default_of(const model::GatewayId& gateway) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT " + std::string(kProjectColumns) +
                                       " FROM projects WHERE gateway_id = $1 AND is_default = TRUE",
                                   {gateway.str()}));
    if (!row) { return fail(Code::NotFound, "The gateway has no default project."); }
    return to_project(*row);
}

Status Projects::save(const model::Project& project) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE projects SET name = $2, description = $3, version = $4 WHERE id = $1",
                    {project.id.str(), project.name, project.description, project.version}));
    return {};
}

Result<std::optional<model::Project>> Projects::find(const model::GatewayId& gateway,
                                                     const std::string& id_or_name) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kProjectColumns) +
                          " FROM projects WHERE gateway_id = $1 AND (id = $2 OR name = $2)",
                      {gateway.str(), id_or_name}));
    return row ? std::optional(to_project(*row)) : std::nullopt;
}

Result<bool> Projects::exists(const model::ProjectId& id) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM projects WHERE id = $1", {id.str()}));
    return row.has_value();
}

Status Projects::remove(const model::ProjectId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM service_groups WHERE project_id = $1", {id.str()}));
    RETURN_IF_ERROR(tx_.execute("DELETE FROM projects WHERE id = $1", {id.str()}));
    return {};
}

Result<std::vector<model::Project>> Projects::list(
    const model::GatewayId& gateway, const std::optional<std::vector<model::ProjectId>>& ids,
    const IdPage& page) {
    Where where;
    where.add("gateway_id = ", gateway.str());
    if (ids) { where.add(among(where, "id", *ids)); }
    if (!page.after.empty()) { where.add("id > ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kProjectColumns) + " FROM projects" +
                                   where.text() + " ORDER BY id LIMIT " + limit,
                               where.values()));
    return mapped(rows, to_project);
}

Status Environments::add(const model::Environment& environment) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO environments (id, gateway_id, code, name, status, version, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {environment.id.str(), environment.gateway_id.str(), environment.code, environment.name,
         std::string(name(environment.status)), environment.version, environment.created_at}));
    changes_.add({.kind = model::Change::Kind::Everything});
    return {};
}

Status Environments::save(const model::Environment& environment) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE environments SET name = $2, status = $3, version = $4 WHERE id = $1",
                    {environment.id.str(), environment.name, std::string(name(environment.status)),
                     environment.version}));
    return {};
}

Result<std::optional<model::Environment>> Environments::find_by_code(
    const model::GatewayId& gateway, const std::string& code) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT " + std::string(kEnvironmentColumns) +
                                       " FROM environments WHERE gateway_id = $1 AND code = $2",
                                   {gateway.str(), code}));
    return row ? std::optional(to_environment(*row)) : std::nullopt;
}

Status Environments::remove(const model::EnvironmentId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM environments WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Everything});
    return {};
}

Result<std::vector<model::Environment>> Environments::list() {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT " + std::string(kEnvironmentColumns) + " FROM environments ORDER BY id"));
    return mapped(rows, to_environment);
}

Status Groups::add(const model::Group& group) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO service_groups (id, project_id, name, created_at) VALUES ($1, $2, $3, $4)",
        {group.id.str(), group.project_id.str(), group.name, group.created_at}));
    return {};
}

Result<std::optional<model::Group>> Groups::find(const model::ProjectId& project,
                                                 const std::string& id_or_name) {
    // A name could look like an id; the name wins, because it is what people type.
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT id, project_id, name, created_at FROM service_groups"
                               " WHERE project_id = $1 AND (id = $2 OR name = $2)"
                               " ORDER BY CASE WHEN name = $2 THEN 0 ELSE 1 END LIMIT 1",
                               {project.str(), id_or_name}));
    return rows.empty() ? std::nullopt : std::optional(to_group(rows.front()));
}

Status Groups::remove(const model::GroupId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM service_groups WHERE id = $1", {id.str()}));
    return {};
}

Result<std::vector<model::Group>> Groups::list(const model::ProjectId& project) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT id, project_id, name, created_at FROM service_groups"
                               " WHERE project_id = $1 ORDER BY name",
                               {project.str()}));
    return mapped(rows, to_group);
}

}  // namespace lintel::store
