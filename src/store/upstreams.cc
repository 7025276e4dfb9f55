#include "store/upstreams.h"

#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kSelect =
    "SELECT u.id, u.gateway_id, u.definition, u.version, u.created_at, u.created_by, u.updated_at,"
    " u.updated_by, g.code FROM upstreams u JOIN gateways g ON g.id = u.gateway_id";

Result<model::Upstream> to_upstream(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row.text(2), "upstream " + row.text(0)));
    ASSIGN_OR_RETURN(model::Upstream upstream, model::upstream_from_json(document));
    upstream.id = model::UpstreamId(row.text(0));
    upstream.gateway_id = model::GatewayId(row.text(1));
    upstream.version = row.integer(3);
    upstream.created_at = row.integer(4);
    upstream.created_by = row.text(5);
    upstream.updated_at = row.integer(6);
    upstream.updated_by = row.text(7);
    upstream.gateway = beside_default(row.text(8));
    return upstream;
}

}  // namespace

Status Upstreams::add(const model::Upstream& upstream) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO upstreams (id, gateway_id, name, definition, version, created_at, created_by,"
        " updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {upstream.id.str(), upstream.gateway_id.str(), upstream.name,
         data::dump(model::definition_to_json(upstream)), upstream.version, upstream.created_at,
         upstream.created_by, upstream.updated_at, upstream.updated_by}));
    changes_.add({.kind = model::Change::Kind::Upstreams});
    return {};
}

Status Upstreams::save(const model::Upstream& upstream) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE upstreams SET definition = $2, version = $3, updated_at = $4, updated_by = $5"
        " WHERE id = $1",
        {upstream.id.str(), data::dump(model::definition_to_json(upstream)), upstream.version,
         upstream.updated_at, upstream.updated_by}));
    changes_.add({.kind = model::Change::Kind::Upstreams});
    return {};
}

Status Upstreams::remove(const model::UpstreamId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM upstreams WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Upstreams});
    return {};
}

Result<std::optional<model::Upstream>> Upstreams::find(const model::GatewayId& gateway,
                                                       const std::string& id_or_name) {
    // Ids hold a "_", names cannot.
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one(std::string(kSelect) +
                                       " WHERE u.gateway_id = $1 AND (u.id = $2 OR u.name = $2)",
                                   {gateway.str(), id_or_name}));
    if (!row) { return std::optional<model::Upstream>(); }
    ASSIGN_OR_RETURN(model::Upstream upstream, to_upstream(*row));
    return std::optional(std::move(upstream));
}

Result<std::vector<model::Upstream>> Upstreams::list(const model::GatewayId& gateway,
                                                     const IdPage& page) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query(std::string(kSelect) +
                      " WHERE u.gateway_id = $1 AND u.name > $2 ORDER BY u.name LIMIT $3",
                  {gateway.str(), page.after, std::int64_t{page.limit}}));
    return mapped_or_error(rows, to_upstream);
}

Result<std::vector<model::Upstream>> Upstreams::all() {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(std::string(kSelect) + " ORDER BY u.id"));
    return mapped_or_error(rows, to_upstream);
}

Result<std::int64_t> Upstreams::count(const model::GatewayId& gateway) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT COUNT(*) FROM upstreams WHERE gateway_id = $1", {gateway.str()}));
    return row->integer(0);
}

}  // namespace lintel::store
