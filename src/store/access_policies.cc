#include "store/access_policies.h"

#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kAccessPolicyColumns =
    "p.id, p.name, p.description, p.statements, p.version, p.created_at, p.created_by,"
    " p.updated_at";

Result<model::AccessPolicy> to_policy(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row.text(3), "access policy " + row.text(0)));
    ASSIGN_OR_RETURN(std::vector<model::AccessStatement> statements,
                     model::access_statements_from_json(document));
    return model::AccessPolicy{.id = model::AccessPolicyId(row.text(0)),
                               .name = row.text(1),
                               .description = row.text(2),
                               .statements = std::move(statements),
                               .version = row.integer(4),
                               .created_at = row.integer(5),
                               .created_by = row.text(6),
                               .updated_at = row.integer(7)};
}

std::string select(std::string_view rest) {
    return "SELECT " + std::string(kAccessPolicyColumns) + " FROM access_policies p " +
           std::string(rest);
}

}  // namespace

Status AccessPolicies::add(const model::AccessPolicy& policy) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO access_policies (id, name, description, statements, version, created_at,"
        " created_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {policy.id.str(), policy.name, policy.description,
         data::dump(model::to_json(policy.statements)), policy.version, policy.created_at,
         policy.created_by, policy.updated_at}));
    return {};
}

Status AccessPolicies::save(const model::AccessPolicy& policy) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE access_policies SET name = $2, description = $3, statements = $4,"
        " version = $5, updated_at = $6 WHERE id = $1",
        {policy.id.str(), policy.name, policy.description,
         data::dump(model::to_json(policy.statements)), policy.version, policy.updated_at}));
    return {};
}

Status AccessPolicies::remove(const model::AccessPolicyId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM access_policies WHERE id = $1", {id.str()}));
    return {};
}

Result<std::optional<model::AccessPolicy>> AccessPolicies::find(const std::string& id_or_name) {
    // Ids hold a "_", names cannot.
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one(select("WHERE p.id = $1 OR p.name = $1"), {id_or_name}));
    if (!row) { return std::optional<model::AccessPolicy>(); }
    ASSIGN_OR_RETURN(model::AccessPolicy policy, to_policy(*row));
    return std::optional(std::move(policy));
}

Result<std::vector<model::AccessPolicy>> AccessPolicies::list(const IdPage& page) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(select("WHERE p.name > $1 ORDER BY p.name LIMIT $2"),
                               {page.after, std::int64_t{page.limit}}));
    return mapped_or_error(rows, to_policy);
}

Result<std::vector<model::AccessPolicy>> AccessPolicies::of_user(const model::UserId& user) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(select("JOIN user_access_policies u ON u.policy_id = p.id"
                                      " WHERE u.user_id = $1 ORDER BY p.name"),
                               {user.str()}));
    return mapped_or_error(rows, to_policy);
}

Status AccessPolicies::attach(const model::UserId& user,
                              const std::vector<model::AccessPolicyId>& policies) {
    RETURN_IF_ERROR(
        tx_.execute("DELETE FROM user_access_policies WHERE user_id = $1", {user.str()}));
    for (const model::AccessPolicyId& policy : policies) {
        RETURN_IF_ERROR(
            tx_.execute("INSERT INTO user_access_policies (user_id, policy_id) VALUES ($1, $2)",
                        {user.str(), policy.str()}));
    }
    return {};
}

Result<std::vector<model::UserId>> AccessPolicies::users_of(const model::AccessPolicyId& id,
                                                            int limit) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT user_id FROM user_access_policies WHERE policy_id = $1"
                               " ORDER BY user_id LIMIT $2",
                               {id.str(), std::int64_t{limit}}));
    return mapped(rows, [](const sql::Row& row) { return model::UserId(row.text(0)); });
}

}  // namespace lintel::store
