#include "store/services.h"

#include "store/documents.h"
#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

constexpr std::string_view kServiceColumns =
    "id, gateway_id, project_id, code, name, description, protocol, group_name, version,"
    " latest_release, created_at, created_by, updated_at, updated_by";

model::Service to_service(const sql::Row& row) {
    return {.id = model::ServiceId(row.text(0)),
            .gateway_id = model::GatewayId(row.text(1)),
            .project_id = model::ProjectId(row.text(2)),
            .code = row.text(3),
            .name = row.text(4),
            .description = row.text(5),
            .protocol = model::parse_protocol(row.text(6)).value_or(model::Protocol::HttpAndHttps),
            .group = row.text(7),
            .version = row.integer(8),
            .latest_release = row.integer(9),
            .created_at = row.integer(10),
            .created_by = row.text(11),
            .updated_at = row.integer(12),
            .updated_by = row.text(13)};
}

/// The derived status as a condition: the same rule as model::derive_status.
std::string status_condition(model::ServiceStatus status) {
    std::string running =
        "EXISTS (SELECT 1 FROM deployments d WHERE d.service_id = services.id"
        " AND d.state = 'running')";
    const std::string draft = "EXISTS (SELECT 1 FROM drafts f WHERE f.service_id = services.id)";
    switch (status) {
        case model::ServiceStatus::Running: return running;
        case model::ServiceStatus::Configuring: return "NOT " + running + " AND " + draft;
        case model::ServiceStatus::Stopped: break;
    }
    return "NOT " + running + " AND NOT " + draft;
}

/// That the service has the label.
std::string label_condition(Where& where, const model::LabelFilter& label) {
    std::string condition =
        "EXISTS (SELECT 1 FROM service_labels l WHERE l.service_id = services.id AND l.name = " +
        where.placeholder(label.name);
    if (label.value) { condition += " AND l.value = " + where.placeholder(*label.value); }
    return condition + ")";
}

}  // namespace

Error no_such_service(const std::string& id_or_code) {
    return {.code = Code::NotFound, .message = "There is no service '" + id_or_code + "'."};
}

Status Services::add(const model::Service& service) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO services (id, gateway_id, project_id, code, name, description, protocol,"
        " group_name, version, latest_release, created_at, created_by, updated_at, updated_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        {service.id.str(), service.gateway_id.str(), service.project_id.str(), service.code,
         service.name, service.description, std::string(name(service.protocol)), service.group,
         service.version, service.latest_release, service.created_at, service.created_by,
         service.updated_at, service.updated_by}));
    return {};
}

Status Services::save(const model::Service& service) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE services SET code = $2, name = $3, description = $4, protocol = $5,"
        " group_name = $6, version = $7, latest_release = $8, updated_at = $9, updated_by = $10"
        " WHERE id = $1",
        {service.id.str(), service.code, service.name, service.description,
         std::string(name(service.protocol)), service.group, service.version,
         service.latest_release, service.updated_at, service.updated_by}));
    return {};
}

Result<model::Service> Services::get(const model::GatewayId& gateway,
                                     const std::string& id_or_code) {
    // An id has a "_", which a code cannot have.
    const std::string key = id_or_code.contains('_') ? "id" : "code";
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT " + std::string(kServiceColumns) +
                                       " FROM services WHERE gateway_id = $1 AND " + key + " = $2",
                                   {gateway.str(), id_or_code}));
    if (!row) { return fail(no_such_service(id_or_code)); }
    return to_service(*row);
}

Result<model::Service> Services::get(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kServiceColumns) + " FROM services WHERE id = $1",
                      {id.str()}));
    if (!row) { return fail(no_such_service(id.str())); }
    return to_service(*row);
}

Status Services::remove(const model::ServiceId& id) {
    // Deployments refer to releases, so they go before the cascade reaches those.
    RETURN_IF_ERROR(tx_.execute("DELETE FROM deployments WHERE service_id = $1", {id.str()}));
    RETURN_IF_ERROR(tx_.execute("DELETE FROM services WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Service, .service_id = id});
    return {};
}

Result<std::vector<model::Service>> Services::list(const ServiceQuery& query, const IdPage& page) {
    Where where;
    if (query.gateway) { where.add("gateway_id = ", query.gateway->str()); }
    if (query.projects) {
        const std::string in_projects = among(where, "project_id", *query.projects);
        where.add(query.beside.empty()
                      ? in_projects
                      : "(" + in_projects + " OR " + among(where, "id", query.beside) + ")");
    }
    if (query.name) { where.add("name = ", *query.name); }
    if (query.group) { where.add("group_name = ", *query.group); }
    if (query.protocol) { where.add("protocol = ", std::string(name(*query.protocol))); }
    if (query.status) { where.add(status_condition(*query.status)); }
    for (const model::LabelFilter& label : query.labels) {
        where.add(label_condition(where, label));
    }
    if (!query.text.empty()) {
        const std::string pattern = where.placeholder(like_pattern(query.text));
        where.add("(LOWER(name) LIKE " + pattern + " ESCAPE '\\' OR LOWER(code) LIKE " + pattern +
                  " ESCAPE '\\' OR LOWER(description) LIKE " + pattern + " ESCAPE '\\')");
    }
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kServiceColumns) + " FROM services" +
                                   where.text() + " ORDER BY id DESC LIMIT " + limit,
                               where.values()));
    return mapped(rows, to_service);
}

Status Services::put_labels(const model::ServiceId& id, const model::Labels& labels) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM service_labels WHERE service_id = $1", {id.str()}));
    for (const auto& [name, value] : labels) {
        RETURN_IF_ERROR(
            tx_.execute("INSERT INTO service_labels (service_id, name, value) VALUES ($1, $2, $3)",
                        {id.str(), name, value}));
    }
    return {};
}

Result<model::Labels> Services::labels_of(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT name, value FROM service_labels WHERE service_id = $1", {id.str()}));
    model::Labels labels;
    for (const sql::Row& row : rows) {
        labels[row.text(0)] = row.text(1);
    }
    return labels;
}

Result<std::vector<DefinitionRow>> Services::definitions_with(const model::GatewayId& gateway,
                                                              const std::string& text) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT s.code, f.definition FROM drafts f JOIN services s ON s.id = f.service_id"
                  " WHERE s.gateway_id = $2 AND LOWER(f.definition) LIKE $1 ESCAPE '\\'"
                  " UNION ALL "
                  "SELECT s.code, r.definition FROM releases r JOIN services s"
                  " ON s.id = r.service_id WHERE s.gateway_id = $2"
                  " AND LOWER(r.definition) LIKE $1 ESCAPE '\\'"
                  " AND EXISTS (SELECT 1 FROM deployments d WHERE d.service_id = r.service_id"
                  " AND d.release_number = r.number)",
                  {like_pattern(data::dump(data::Json(text))), gateway.str()}));
    std::vector<DefinitionRow> found;
    for (const sql::Row& row : rows) {
        ASSIGN_OR_RETURN(const data::Json document,
                         read_document(row.text(1), "definition of " + row.text(0)));
        ASSIGN_OR_RETURN(model::ServiceDefinition definition,
                         model::service_definition_from_json(document));
        found.push_back({row.text(0), std::move(definition)});
    }
    return found;
}

Status Services::move_group(const model::ProjectId& project, const std::string& from,
                            const std::string& to) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE services SET group_name = $3 WHERE project_id = $1 AND group_name = $2",
                    {project.str(), from, to}));
    return {};
}

Result<bool> Drafts::exists(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM drafts WHERE service_id = $1", {id.str()}));
    return row.has_value();
}

Result<std::optional<model::Draft>> Drafts::find(const model::ServiceId& id) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT definition, base_release, updated_at, updated_by"
                                   " FROM drafts WHERE service_id = $1",
                                   {id.str()}));
    if (!row) { return std::optional<model::Draft>(); }
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row->text(0), "draft of " + id.str()));
    ASSIGN_OR_RETURN(model::ServiceDefinition definition,
                     model::service_definition_from_json(document));
    return std::optional(model::Draft{.service_id = id,
                                      .definition = std::move(definition),
                                      .base_release = row->integer(1),
                                      .updated_at = row->integer(2),
                                      .updated_by = row->text(3)});
}

Status Drafts::put(const model::Draft& draft) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO drafts (service_id, definition, base_release, updated_at, updated_by)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (service_id) DO UPDATE SET definition = excluded.definition,"
        " base_release = excluded.base_release, updated_at = excluded.updated_at,"
        " updated_by = excluded.updated_by",
        {draft.service_id.str(), data::dump(to_json(draft.definition)), draft.base_release,
         draft.updated_at, draft.updated_by}));
    return {};
}

Status Drafts::remove(const model::ServiceId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM drafts WHERE service_id = $1", {id.str()}));
    return {};
}

}  // namespace lintel::store
