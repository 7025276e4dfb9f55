#include "store/grants.h"

#include "store/credentials.h"
#include "store/documents.h"
#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

/// What to_grant() reads.
constexpr std::string_view kGrantColumns =
    "g.id, g.credential_id, g.service_id, g.api_id, g.environments, g.expires_at, g.is_direct,"
    " g.version, g.created_at, g.created_by";
constexpr std::size_t kFirstName = 10;
constexpr std::string_view kEveryEnvironment = "[]";

std::string as_document(const std::vector<model::EnvironmentId>& environments) {
    data::Json ids = data::Json::array();
    for (const model::EnvironmentId& id : environments) {
        ids.push_back(id.str());
    }
    return data::dump(ids);
}

Result<model::Grant> to_grant(const sql::Row& row) {
    model::Grant grant{.id = model::GrantId(row.text(0)),
                       .credential_id = model::CredentialId(row.text(1)),
                       .service_id = model::ServiceId(row.text(2)),
                       .api_id = model::ApiId(row.text(3)),
                       .environments = {},
                       .expires_at = row.integer(5),
                       .is_direct = row.flag(6),
                       .version = row.integer(7),
                       .created_at = row.integer(8),
                       .created_by = row.text(9)};
    if (row.text(4) == kEveryEnvironment) { return grant; }
    ASSIGN_OR_RETURN(const data::Json environments,
                     read_document(row.text(4), "grant " + row.text(0)));
    for (const data::Json& id : environments) {
        if (id.is_string()) { grant.environments.emplace_back(id.get<std::string>()); }
    }
    return grant;
}

Result<GrantRow> to_grant_row(const sql::Row& row) {
    ASSIGN_OR_RETURN(model::Grant grant, to_grant(row));
    return GrantRow{.grant = std::move(grant),
                    .credential_name = row.text(kFirstName),
                    .owner = row.text(kFirstName + 1),
                    .service_code = row.text(kFirstName + 2),
                    .service_name = row.text(kFirstName + 3)};
}

}  // namespace

Status Grants::add(const model::Grant& grant) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO grants (id, credential_id, service_id, api_id, environments,"
                    " expires_at, is_direct, version, created_at, created_by)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    {grant.id.str(), grant.credential_id.str(), grant.service_id.str(),
                     grant.api_id.str(), as_document(grant.environments), grant.expires_at,
                     grant.is_direct, grant.version, grant.created_at, grant.created_by}));
    return note_change(grant.credential_id);
}

Status Grants::save(const model::Grant& grant) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE grants SET environments = $2, expires_at = $3, version = $4"
        " WHERE id = $1",
        {grant.id.str(), as_document(grant.environments), grant.expires_at, grant.version}));
    return note_change(grant.credential_id);
}

Status Grants::remove(const model::GrantId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("DELETE FROM grants WHERE id = $1 RETURNING credential_id", {id.str()}));
    return row ? note_change(model::CredentialId(row->text(0))) : Status{};
}

Status Grants::note_change(const model::CredentialId& credential) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT COALESCE(service_id, ''), COALESCE(user_id, '')"
                                   " FROM credentials WHERE id = $1",
                                   {credential.str()}));
    if (row) {
        changes_.add(
            model::change_of({model::ServiceId(row->text(0)), model::UserId(row->text(1)), {}}));
    }
    return {};
}

Status Grants::each(const std::optional<model::CredentialOwner>& owner,
                    const std::function<void(model::Grant)>& visit) {
    std::string condition;
    Where where;
    if (owner) {
        add_owner(where, *owner);
        condition = " WHERE g.credential_id IN (SELECT id FROM credentials" + where.text() + ")";
    }
    return tx_.each("SELECT " + std::string(kGrantColumns) + " FROM grants g" + condition,
                    where.values(), [&](const sql::Row& row) -> Status {
                        ASSIGN_OR_RETURN(model::Grant grant, to_grant(row));
                        visit(std::move(grant));
                        return {};
                    });
}

Result<std::vector<GrantRow>> Grants::direct(const GrantQuery& query, const IdPage& page) {
    Where where;
    where.add("g.is_direct");
    if (!query.id.empty()) { where.add("g.id = ", query.id.str()); }
    if (!query.service_id.empty()) { where.add("g.service_id = ", query.service_id.str()); }
    if (!query.credential_id.empty()) {
        where.add("g.credential_id = ", query.credential_id.str());
    }
    if (!query.environment_id.empty()) {
        where.add("LOWER(g.environments) LIKE " +
                  where.placeholder(like_pattern(query.environment_id.str())) + " ESCAPE '\\'");
    }
    if (!page.after.empty()) { where.add("g.id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT " + std::string(kGrantColumns) + ", c.name, u.name, s.code, s.name" +
                      " FROM grants g JOIN credentials c ON c.id = g.credential_id"
                      " JOIN users u ON u.id = c.user_id JOIN services s ON s.id = g.service_id" +
                      where.text() + " ORDER BY g.id DESC LIMIT " + limit,
                  where.values()));
    return mapped_or_error(rows, to_grant_row);
}

}  // namespace lintel::store
