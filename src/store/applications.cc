#include "store/applications.h"

#include "store/rows.h"

namespace lintel::store {

namespace {

/// By id or code. No code has an underscore.
void add_service(Where& where, const std::string& service) {
    where.add(service.starts_with("svc_") ? "a.service_id = " : "a.service_code = ", service);
}

/// By id or name: a query for each, since no index answers both at once.
void add_project(Where& where, const model::GatewayId& gateway_id, const std::string& project) {
    const std::string wanted = where.placeholder(project);
    const std::string gateway = where.placeholder(gateway_id.str());
    where.add("a.number IN (SELECT number FROM applications WHERE project_id = " + wanted +
              " UNION ALL SELECT number FROM applications WHERE gateway_id = " + gateway +
              " AND project_name = " + wanted + ")");
}

}  // namespace

/// What is unknown is read as what cannot be decided any more.
model::Application to_application(const sql::Row& row, std::size_t first) {
    return {.number = row.integer(first),
            .type = model::parse_application_type(row.text(first + 1))
                        .value_or(model::ApplicationType::Launch),
            .service_id = model::ServiceId(row.text(first + 2)),
            .service_code = row.text(first + 3),
            .service_name = row.text(first + 4),
            .project_id = model::ProjectId(row.text(first + 5)),
            .project_name = row.text(first + 6),
            .applicant_id = model::UserId(row.text(first + 7)),
            .applicant = row.text(first + 8),
            .reason = row.text(first + 9),
            .end_subscriptions = row.flag(first + 10),
            .status = model::parse_application_status(row.text(first + 11))
                          .value_or(model::ApplicationStatus::Closed),
            .reviewer = row.text(first + 12),
            .comment = row.text(first + 13),
            .submitted_at = row.integer(first + 14),
            .decided_at = row.integer(first + 15),
            .gateway_id = model::GatewayId(row.text(first + 16))};
}

Status Applications::add(model::Application& application) {
    // Transactions that write exclude each other.
    ASSIGN_OR_RETURN(const std::optional<sql::Row> next,
                     tx_.query_one("SELECT COALESCE(MAX(number), 0) + 1 FROM applications"));
    application.number = next->integer(0);
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO applications (number, type, service_id, service_code, service_name,"
        " project_id, project_name, applicant_id, applicant, reason, end_subscriptions, status,"
        " reviewer, comment, submitted_at, decided_at, gateway_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        {application.number, std::string(name(application.type)), application.service_id.str(),
         application.service_code, application.service_name, application.project_id.str(),
         application.project_name, application.applicant_id.str(), application.applicant,
         application.reason, application.end_subscriptions, std::string(name(application.status)),
         application.reviewer, application.comment, application.submitted_at,
         application.decided_at, application.gateway_id.str()}));
    return {};
}

Status Applications::save(const model::Application& application) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE applications SET status = $2, reviewer = $3, comment = $4, decided_at = $5"
        " WHERE number = $1",
        {application.number, std::string(name(application.status)), application.reviewer,
         application.comment, application.decided_at}));
    return {};
}

Result<std::optional<model::Application>> Applications::find(std::int64_t number) {
    Where where;
    where.add("a.number = ", number);
    ASSIGN_OR_RETURN(std::vector<model::Application> found, select(where, ""));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<model::Application>> Applications::pending_listing(
    const model::ServiceId& service) {
    Where where;
    where.add("a.service_id = ", service.str());
    where.add("a.status = 'pending' AND a.type IN ('launch', 'remove')");
    ASSIGN_OR_RETURN(std::vector<model::Application> found, select(where, ""));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<model::Application>> Applications::list(const ApplicationQuery& query,
                                                           std::int64_t before, int limit) {
    Where where;
    if (before > 0) { where.add("a.number < ", before); }
    where.add("a.gateway_id = ", query.gateway_id.str());
    if (query.applicant_id) { where.add("a.applicant_id = ", query.applicant_id->str()); }
    if (query.projects) { where.add(among(where, "a.project_id", *query.projects)); }
    if (query.type) { where.add("a.type = ", std::string(name(*query.type))); }
    if (query.status) { where.add("a.status = ", std::string(name(*query.status))); }
    if (query.service) { add_service(where, *query.service); }
    if (query.project) { add_project(where, query.gateway_id, *query.project); }
    if (query.applicant) { where.add("a.applicant = ", *query.applicant); }
    const std::string count = where.placeholder(std::int64_t{limit});
    return select(where, " ORDER BY a.number DESC LIMIT " + count);
}

Result<std::vector<model::Application>> Applications::select(const Where& where,
                                                             const std::string& tail) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kApplicationColumns) +
                                   " FROM applications a" + where.text() + tail,
                               where.values()));
    return mapped(rows, [](const sql::Row& row) { return to_application(row); });
}

}  // namespace lintel::store
