#include "store/releases.h"

#include <set>
#include <string>

#include "store/documents.h"

namespace lintel::store {

namespace {

/// ",basic,hmac,"
std::string auth_kinds_of(const model::ServiceDefinition& definition) {
    std::set<std::string> kinds;
    for (const model::ApiDefinition& api : definition.apis) {
        kinds.insert(api.auth.kind);
    }
    std::string text = ",";
    for (const std::string& kind : kinds) {
        text += kind + ",";
    }
    return text;
}

}  // namespace

Status Releases::add(const model::Release& release) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO releases (service_id, number, definition, note, created_at, created_by,"
        " auth_kinds) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {release.service_id.str(), release.number, data::dump(to_json(release.definition)),
         release.note, release.created_at, release.created_by, auth_kinds_of(release.definition)}));
    return {};
}

Result<std::optional<model::Release>> Releases::find(const model::ServiceId& id,
                                                     std::int64_t number) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT definition, note, created_at, created_by FROM releases"
                                   " WHERE service_id = $1 AND number = $2",
                                   {id.str(), number}));
    if (!row) { return std::optional<model::Release>(); }
    ASSIGN_OR_RETURN(
        const data::Json document,
        read_document(row->text(0), "release " + std::to_string(number) + " of " + id.str()));
    ASSIGN_OR_RETURN(model::ServiceDefinition definition,
                     model::service_definition_from_json(document));
    return std::optional(model::Release{.service_id = id,
                                        .number = number,
                                        .definition = std::move(definition),
                                        .note = row->text(1),
                                        .created_at = row->integer(2),
                                        .created_by = row->text(3)});
}

Result<model::Release> Releases::get(const model::ServiceId& id, std::int64_t number) {
    ASSIGN_OR_RETURN(std::optional<model::Release> release, find(id, number));
    if (!release) {
        return fail(Code::NotFound,
                    "The service has no release number " + std::to_string(number) + ".");
    }
    return *std::move(release);
}

Result<std::vector<ReleaseRow>> Releases::list(const model::ServiceId& id, std::int64_t before,
                                               int limit) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT number, note, created_at, created_by FROM releases"
                  " WHERE service_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                  {id.str(), before == 0 ? INT64_MAX : before, std::int64_t{limit}}));
    std::vector<ReleaseRow> releases;
    for (const sql::Row& row : rows) {
        releases.push_back({.number = row.integer(0),
                            .note = row.text(1),
                            .created_at = row.integer(2),
                            .created_by = row.text(3)});
    }
    return releases;
}

}  // namespace lintel::store
