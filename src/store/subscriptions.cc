#include "store/subscriptions.h"

#include "store/applications.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

// Written as a product: SQLite then goes through the subscriptions, which have the order that is
// wanted, and not through the applications of a whole gateway.
constexpr std::string_view kFrom = " FROM subscriptions s CROSS JOIN applications a";
constexpr std::size_t kFirstOfApplication = 10;

/// A status of a newer version is read as one that gives no right.
SubscriptionRow to_subscription(const sql::Row& row) {
    return {.subscription = {.id = model::SubscriptionId(row.text(0)),
                             .application = row.integer(1),
                             .service_id = model::ServiceId(row.text(2)),
                             .user_id = model::UserId(row.text(3)),
                             .credential_id = model::CredentialId(row.text(4)),
                             .credential_name = row.text(5),
                             .status = model::parse_subscription_status(row.text(6))
                                           .value_or(model::SubscriptionStatus::Ended),
                             .grant_id = model::GrantId(row.text(7)),
                             .ended_at = row.integer(8),
                             .ended_by = row.text(9)},
            .application = to_application(row, kFirstOfApplication)};
}

Where joined() {
    Where where;
    where.add("a.number = s.application");
    return where;
}

Where conditions(const SubscriptionQuery& query) {
    Where where = joined();
    if (!query.service_id.empty()) { where.add("s.service_id = ", query.service_id.str()); }
    if (!query.user_id.empty()) { where.add("s.user_id = ", query.user_id.str()); }
    if (!query.credential_id.empty()) {
        where.add("s.credential_id = ", query.credential_id.str());
    }
    if (!query.gateway_id.empty()) { where.add("a.gateway_id = ", query.gateway_id.str()); }
    if (query.status) { where.add("s.status = ", std::string(name(*query.status))); }
    if (query.only_open) { where.add("s.status IN ('pending', 'approved')"); }
    if (query.subscriber) { where.add("a.applicant = ", *query.subscriber); }
    return where;
}

}  // namespace

Status Subscriptions::add(const model::Subscription& subscription) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO subscriptions (id, application, service_id, user_id, credential_id,"
        " credential_name, status, grant_id, ended_at, ended_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {subscription.id.str(), subscription.application, subscription.service_id.str(),
         subscription.user_id.str(), subscription.credential_id.str(), subscription.credential_name,
         std::string(name(subscription.status)), subscription.grant_id.str(), subscription.ended_at,
         subscription.ended_by}));
    return {};
}

Status Subscriptions::save(const model::Subscription& subscription) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE subscriptions SET status = $2, grant_id = $3, ended_at = $4,"
                    " ended_by = $5 WHERE id = $1",
                    {subscription.id.str(), std::string(name(subscription.status)),
                     subscription.grant_id.str(), subscription.ended_at, subscription.ended_by}));
    return {};
}

Result<std::optional<SubscriptionRow>> Subscriptions::find(const model::SubscriptionId& id) {
    Where where = joined();
    where.add("s.id = ", id.str());
    ASSIGN_OR_RETURN(std::vector<SubscriptionRow> found, select(where, ""));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<SubscriptionRow> Subscriptions::of_application(std::int64_t number) {
    Where where = joined();
    where.add("s.application = ", number);
    ASSIGN_OR_RETURN(std::vector<SubscriptionRow> found, select(where, ""));
    if (found.empty()) {
        return fail(Code::Internal, "An application has lost its subscription.",
                    "application " + std::to_string(number));
    }
    return std::move(found.front());
}

Result<std::vector<SubscriptionRow>> Subscriptions::list(const SubscriptionQuery& query,
                                                         const IdPage& page) {
    Where where = conditions(query);
    if (!page.after.empty()) { where.add("s.id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    return select(where, " ORDER BY s.id DESC LIMIT " + limit);
}

Result<std::int64_t> Subscriptions::count(const SubscriptionQuery& query) {
    const Where where = conditions(query);
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT COUNT(*)" + std::string(kFrom) + where.text(), where.values()));
    return rows.front().integer(0);
}

Result<std::vector<SubscriptionRow>> Subscriptions::select(const Where& where,
                                                           const std::string& tail) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT s.id, s.application, s.service_id, s.user_id, s.credential_id,"
                  " s.credential_name, s.status, s.grant_id, s.ended_at, s.ended_by, " +
                      std::string(kApplicationColumns) + std::string(kFrom) + where.text() + tail,
                  where.values()));
    return mapped(rows, to_subscription);
}

}  // namespace lintel::store
