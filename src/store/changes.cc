#include "store/changes.h"

#include <algorithm>

namespace lintel::store {

namespace {

using Kind = model::Change::Kind;

constexpr std::string_view kUserPrefix = "usr_";

model::Change to_change(const sql::Row& row) {
    // A kind of a newer version: it may be anything.
    model::Change change{.kind = model::parse_change_kind(row.text(1)).value_or(Kind::Everything)};
    const std::string object = row.text(2);
    if (change.kind == Kind::Certificate) {
        change.certificate_id = model::CertificateId(object);
    } else if (object.starts_with(kUserPrefix)) {
        change.user_id = model::UserId(object);
    } else {
        change.service_id = model::ServiceId(object);
    }
    return change;
}

std::string object_of(const model::Change& change) {
    if (change.kind == Kind::Certificate) { return change.certificate_id.str(); }
    return change.user_id.empty() ? change.service_id.str() : change.user_id.str();
}

}  // namespace

void ChangeNotes::add(model::Change change) {
    if (std::ranges::find(changes_, change) == changes_.end()) {
        changes_.push_back(std::move(change));
    }
}

Status Changes::add(const std::vector<model::Change>& changes) {
    std::int64_t latest = 0;
    for (const model::Change& change : changes) {
        ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                         tx_.query_one("INSERT INTO changes (number, kind, object_id)"
                                       " SELECT COALESCE(MAX(number), 0) + 1, $1, $2 FROM changes"
                                       " RETURNING number",
                                       {std::string(name(change.kind)), object_of(change)}));
        latest = row->integer(0);
    }
    RETURN_IF_ERROR(tx_.execute("DELETE FROM changes WHERE number <= $1", {latest - kKept}));
    return {};
}

Result<News> Changes::after(std::int64_t number) {
    // The one at the number itself, too: it shows that none is missing in between.
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT number, kind, object_id FROM changes WHERE number >= $1"
                               " ORDER BY number",
                               {number}));
    const bool is_whole = number == 0 ? rows.empty() || rows.front().integer(0) == 1
                                      : !rows.empty() && rows.front().integer(0) == number;
    if (!is_whole) {
        ASSIGN_OR_RETURN(const std::optional<sql::Row> last,
                         tx_.query_one("SELECT COALESCE(MAX(number), 0) FROM changes"));
        return News{.latest = last->integer(0), .changes = {{.kind = Kind::Everything}}};
    }
    News news{.latest = number};
    ChangeNotes distinct;
    for (const sql::Row& row : rows) {
        if (row.integer(0) == number) { continue; }
        news.latest = row.integer(0);
        distinct.add(to_change(row));
    }
    news.changes = distinct.all();
    return news;
}

}  // namespace lintel::store
