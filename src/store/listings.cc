#include "store/listings.h"

#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

constexpr std::string_view kListingColumns = "l.service_id, l.status, l.provider, l.listed_at";

/// A status of a newer version is read as the one that shows nothing.
model::Listing to_listing(const sql::Row& row) {
    return {
        .service_id = model::ServiceId(row.text(0)),
        .status = model::parse_listing_status(row.text(1)).value_or(model::ListingStatus::Unlisted),
        .provider = row.text(2),
        .listed_at = row.integer(3)};
}

void add_subscription(Where& where, const CatalogQuery& query) {
    if (!query.subscription) { return; }
    const std::string user = where.placeholder(query.user.str());
    const std::string status = where.placeholder(std::string(name(*query.subscription)));
    where.add("EXISTS (SELECT 1 FROM subscriptions b WHERE b.service_id = s.id AND b.user_id = " +
              user + " AND b.status = " + status + ")");
}

}  // namespace

Result<model::Listing> Listings::get(const model::ServiceId& service) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT " + std::string(kListingColumns) +
                                       " FROM listings l WHERE l.service_id = $1",
                                   {service.str()}));
    return row ? to_listing(*row) : model::Listing{.service_id = service};
}

Status Listings::save(const model::Listing& listing) {
    if (listing.status == model::ListingStatus::Unlisted) {
        RETURN_IF_ERROR(
            tx_.execute("DELETE FROM listings WHERE service_id = $1", {listing.service_id.str()}));
        return {};
    }
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO listings (service_id, status, provider, listed_at)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT (service_id) DO UPDATE SET"
                    " status = excluded.status, provider = excluded.provider,"
                    " listed_at = excluded.listed_at",
                    {listing.service_id.str(), std::string(name(listing.status)), listing.provider,
                     listing.listed_at}));
    return {};
}

Result<std::vector<model::Listing>> Listings::catalog(const CatalogQuery& query,
                                                      const IdPage& page) {
    Where where;
    where.add("l.status IN ('listed', 'pending_removal')");
    where.add("s.gateway_id = ", query.gateway_id.str());
    if (!query.text.empty()) {
        const std::string like =
            " LIKE " + where.placeholder(like_pattern(query.text)) + " ESCAPE '\\'";
        where.add("(LOWER(s.name)" + like + " OR LOWER(s.description)" + like + ")");
    }
    if (query.group) { where.add("s.group_name = ", *query.group); }
    if (query.project) {
        const std::string project = where.placeholder(*query.project);
        where.add("(p.id = " + project + " OR p.name = " + project + ")");
    }
    if (query.provider) { where.add("l.provider = ", *query.provider); }
    if (query.protocol) { where.add("s.protocol = ", std::string(name(*query.protocol))); }
    if (query.auth) {
        where.add(
            "EXISTS (SELECT 1 FROM deployments d JOIN releases r ON r.service_id = d.service_id"
            " AND r.number = d.release_number WHERE d.service_id = s.id"
            " AND r.auth_kinds LIKE " +
            where.placeholder(like_pattern("," + *query.auth + ",")) + " ESCAPE '\\')");
    }
    add_subscription(where, query);
    if (!page.after.empty()) { where.add("s.id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kListingColumns) +
                                   " FROM listings l JOIN services s ON s.id = l.service_id"
                                   " JOIN projects p ON p.id = s.project_id" +
                                   where.text() + " ORDER BY s.id DESC LIMIT " + limit,
                               where.values()));
    return mapped(rows, to_listing);
}

}  // namespace lintel::store
