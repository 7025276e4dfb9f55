#include "management/credential_rules.h"
#include "management/grant_rules.h"

namespace lintel::management {

Result<store::GrantRow> load_grant(store::Transaction& tx, const Caller& caller,
                                   Permission permission, const GrantRef& ref) {
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, permission, ref.service, {}));
    ASSIGN_OR_RETURN(
        std::vector<store::GrantRow> found,
        tx.grants().direct({.id = ref.grant, .service_id = service.id}, {.after = {}, .limit = 1}));
    if (found.empty() || ref.grant.empty()) {
        return fail(Code::NotFound, "The service has no grant '" + ref.grant.str() + "'.");
    }
    return std::move(found.front());
}

Result<GrantView> show_grant(Management& m, const Caller& caller, const GrantRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(store::GrantRow row, load_grant(tx, caller, Permission::ReadGrant, ref));
    return GrantViewer(tx).view(std::move(row));
}

Result<Page<GrantView>> list_grants(Management& m, const Caller& caller, const GrantFilter& filter,
                                    const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    store::GrantQuery query;
    if (filter.service.empty()) {
        ASSIGN_OR_RETURN(
            const model::Credential credential,
            load_credential(tx, caller, CredentialAccess::Read, {.credential = filter.credential}));
        query.credential_id = credential.id;
    } else {
        ASSIGN_OR_RETURN(const model::Service service,
                         load_service(tx, caller, Permission::ReadGrant, filter.service, {}));
        query.service_id = service.id;
    }
    ASSIGN_OR_RETURN(std::vector<store::GrantRow> rows,
                     tx.grants().direct(query, {.after = after, .limit = limit}));
    Page<store::GrantRow> found = page_of(
        std::move(rows), page, [](const store::GrantRow& row) { return row.grant.id.str(); });
    Page<GrantView> views{.items = {}, .next_page_token = std::move(found.next_page_token)};
    GrantViewer viewer(tx);
    for (store::GrantRow& row : found.items) {
        ASSIGN_OR_RETURN(GrantView view, viewer.view(std::move(row)));
        views.items.push_back(std::move(view));
    }
    return views;
}

}  // namespace lintel::management
