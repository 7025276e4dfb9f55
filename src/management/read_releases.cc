#include <charconv>

#include "management/releases.h"
#include "management/steps.h"

namespace lintel::management {

data::Json to_json(const ReleaseSummary& summary) {
    return {{"number", summary.number},
            {"note", summary.note},
            {"created_at", to_rfc3339(summary.created_at)},
            {"created_by", summary.created_by}};
}

data::Json to_json(const model::Release& release) {
    return {{"number", release.number},
            {"note", release.note},
            {"created_at", to_rfc3339(release.created_at)},
            {"created_by", release.created_by},
            {"definition", model::to_json(release.definition)}};
}

Result<Page<ReleaseSummary>> list_releases(Management& m, const Caller& caller,
                                           const std::string& service, const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    std::int64_t before = 0;
    std::from_chars(after.data(), after.data() + after.size(), before);
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    ASSIGN_OR_RETURN(const std::vector<store::ReleaseRow> rows,
                     tx.releases().list(found.id, before, limit));
    std::vector<ReleaseSummary> summaries;
    for (const store::ReleaseRow& row : rows) {
        summaries.push_back({row.number, row.note, row.created_at, row.created_by});
    }
    return page_of(std::move(summaries), page,
                   [](const ReleaseSummary& summary) { return std::to_string(summary.number); });
}

Result<model::Release> show_release(Management& m, const Caller& caller, const std::string& service,
                                    std::int64_t number) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    return tx.releases().get(found.id, number);
}

Result<Page<model::ReleaseRecord>> list_release_records(Management& m, const Caller& caller,
                                                        const std::string& service,
                                                        const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadService, service, {}));
    ASSIGN_OR_RETURN(std::vector<model::ReleaseRecord> records,
                     tx.release_records().list(found.id, {.after = after, .limit = limit}));
    return page_of(std::move(records), page,
                   [](const model::ReleaseRecord& record) { return record.id.str(); });
}

}  // namespace lintel::management
