#include "store/deployments.h"

#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

Result<model::Deployment> to_deployment(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row.text(6), "deployment of " + row.text(0)));
    ASSIGN_OR_RETURN(std::vector<model::LimitOrigin> origins,
                     model::limit_origins_from_json(document));
    return model::Deployment{
        .service_id = model::ServiceId(row.text(0)),
        .environment_id = model::EnvironmentId(row.text(1)),
        .release = row.integer(2),
        .state =
            model::parse_deployment_state(row.text(3)).value_or(model::DeploymentState::Stopped),
        .since = row.integer(4),
        .changed_by = row.text(5),
        .limit_origins = std::move(origins)};
}

}  // namespace

Status Deployments::put(const model::Deployment& deployment) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO deployments (service_id, environment_id, release_number, state, since,"
        " changed_by, limit_origins) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (service_id, environment_id) DO UPDATE SET"
        " release_number = excluded.release_number, state = excluded.state,"
        " since = excluded.since, changed_by = excluded.changed_by,"
        " limit_origins = excluded.limit_origins",
        {deployment.service_id.str(), deployment.environment_id.str(), deployment.release,
         std::string(name(deployment.state)), deployment.since, deployment.changed_by,
         data::dump(model::to_json(deployment.limit_origins))}));
    changes_.add({.kind = model::Change::Kind::Service, .service_id = deployment.service_id});
    return {};
}

Result<std::vector<model::Deployment>> Deployments::select(std::string_view condition,
                                                           const std::vector<sql::Value>& values) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT service_id, environment_id, release_number, state, since,"
                               " changed_by, limit_origins FROM deployments WHERE " +
                                   std::string(condition) + " ORDER BY service_id, environment_id",
                               values));
    return mapped_or_error(rows, to_deployment);
}

Result<std::vector<model::Deployment>> Deployments::of_service(const model::ServiceId& id) {
    return select("service_id = $1", {id.str()});
}

Result<std::vector<model::Deployment>> Deployments::running() {
    return select("state = 'running'", {});
}

Result<std::vector<std::string>> Deployments::services_running_in(const model::EnvironmentId& id,
                                                                  int limit) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT s.code FROM deployments d"
                               " JOIN services s ON s.id = d.service_id"
                               " WHERE d.environment_id = $1 AND d.state = 'running'"
                               " ORDER BY s.code LIMIT $2",
                               {id.str(), std::int64_t{limit}}));
    return mapped(rows, first_text);
}

Status Deployments::remove_from(const model::EnvironmentId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM deployments WHERE environment_id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Everything});
    return {};
}

Status ReleaseRecords::add(const model::ReleaseRecord& record) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO release_records (id, service_id, environment, release_number, action, result,"
        " operator_name, at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {record.id.str(), record.service_id.str(), record.environment, record.release,
         std::string(name(record.action)), record.result, record.operator_name, record.at,
         record.note}));
    return {};
}

Result<std::vector<model::ReleaseRecord>> ReleaseRecords::list(const model::ServiceId& id,
                                                               const IdPage& page) {
    Where where;
    where.add("service_id = ", id.str());
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT id, environment, release_number, action, result,"
                               " operator_name, at, note FROM release_records" +
                                   where.text() + " ORDER BY id DESC LIMIT " + limit,
                               where.values()));
    std::vector<model::ReleaseRecord> records;
    for (const sql::Row& row : rows) {
        records.push_back(
            {.id = model::ReleaseRecordId(row.text(0)),
             .service_id = id,
             .environment = row.text(1),
             .release = row.integer(2),
             .action =
                 model::parse_release_action(row.text(3)).value_or(model::ReleaseAction::Publish),
             .result = row.text(4),
             .operator_name = row.text(5),
             .at = row.integer(6),
             .note = row.text(7)});
    }
    return records;
}

}  // namespace lintel::store
