#include "store/places.h"

#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kSelectEnvironments =
    "SELECT e.id, e.gateway_id, e.code, e.name, e.status, e.version, e.created_at, g.code"
    " FROM environments e JOIN gateways g ON g.id = e.gateway_id";

model::Gateway to_gateway(const sql::Row& row) {
    return {.id = model::GatewayId(row.text(0)),
            .code = row.text(1),
            .name = row.text(2),
            .version = row.integer(3),
            .created_at = row.integer(4)};
}

model::Environment to_environment(const sql::Row& row) {
    return {.id = model::EnvironmentId(row.text(0)),
            .gateway_id = model::GatewayId(row.text(1)),
            .gateway = beside_default(row.text(7)),
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
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO gateways (id, code, name, version, created_at) VALUES ($1, $2, $3, $4, $5)",
        {gateway.id.str(), gateway.code, gateway.name, gateway.version, gateway.created_at}));
    return {};
}

Status Gateways::save(const model::Gateway& gateway) {
    RETURN_IF_ERROR(tx_.execute("UPDATE gateways SET name = $2, version = $3 WHERE id = $1",
                                {gateway.id.str(), gateway.name, gateway.version}));
    return {};
}

Result<std::optional<model::Gateway>> Gateways::find_by_code(const std::string& code) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT id, code, name, version, created_at FROM gateways WHERE code = $1",
                      {code}));
    return row ? std::optional(to_gateway(*row)) : std::nullopt;
}

Result<std::vector<model::Gateway>> Gateways::list() {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT id, code, name, version, created_at FROM gateways ORDER BY id"));
    return mapped(rows, to_gateway);
}

Status Gateways::remove(const model::GatewayId& id) {
    RETURN_IF_ERROR(
        tx_.execute("DELETE FROM service_groups WHERE project_id IN"
                    " (SELECT id FROM projects WHERE gateway_id = $1)",
                    {id.str()}));
    for (const char* table : {"projects", "environments"}) {
        RETURN_IF_ERROR(tx_.execute("DELETE FROM " + std::string(table) + " WHERE gateway_id = $1",
                                    {id.str()}));
    }
    RETURN_IF_ERROR(tx_.execute("DELETE FROM gateways WHERE id = $1", {id.str()}));
    return {};
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

Result<std::optional<model::Project>> Projects::find(const model::ProjectId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kProjectColumns) + " FROM projects WHERE id = $1",
                      {id.str()}));
    return row ? std::optional(to_project(*row)) : std::nullopt;
}

Status Projects::remove(const model::ProjectId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM service_groups WHERE project_id = $1", {id.str()}));
    RETURN_IF_ERROR(tx_.execute("DELETE FROM projects WHERE id = $1", {id.str()}));
    return {};
}

Result<std::vector<model::Project>> Projects::list(
    const std::optional<model::GatewayId>& gateway,
    const std::optional<std::vector<model::ProjectId>>& ids, const IdPage& page) {
    Where where;
    if (gateway) { where.add("gateway_id = ", gateway->str()); }
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
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one(std::string(kSelectEnvironments) + " WHERE e.gateway_id = $1 AND e.code = $2",
                      {gateway.str(), code}));
    return row ? std::optional(to_environment(*row)) : std::nullopt;
}

Status Environments::remove(const model::EnvironmentId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM environments WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Everything});
    return {};
}

Result<std::vector<model::Environment>> Environments::list(const model::GatewayId& gateway) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query(std::string(kSelectEnvironments) + " WHERE e.gateway_id = $1 ORDER BY e.id",
                  {gateway.str()}));
    return mapped(rows, to_environment);
}

Result<std::vector<model::Environment>> Environments::all() {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(std::string(kSelectEnvironments) + " ORDER BY e.id"));
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
