#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"

namespace lintel::management {

Result<Page<model::Credential>> list_credentials(Management& m, const Caller& caller,
                                                 const CredentialFilter& filter,
                                                 const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(model::CredentialOwner owner,
                     load_owner(tx, caller, CredentialAccess::Read, filter.service));
    if (filter.of_all_users) {
        RETURN_IF_ERROR(caller.require(Permission::ReadUser));
        owner.user_id = {};
    }
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials,
                     tx.credentials().list({.owner = owner, .text = filter.text},
                                           {.after = after, .limit = limit}));
    return page_of(std::move(credentials), page,
                   [](const model::Credential& credential) { return credential.id.str(); });
}

Result<model::Credential> show_credential(Management& m, const Caller& caller,
                                          const CredentialRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_credential(tx, caller, CredentialAccess::Read, ref);
}

Result<model::Credential> reveal_credential(Management& m, const Caller& caller,
                                            const CredentialRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(
        model::Credential credential,
        load_credential(tx, caller, CredentialAccess::Reveal, ref, store::Secrets::Unsealed));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.reveal", subject));
    RETURN_IF_ERROR(tx.commit());
    return credential;
}

}  // namespace lintel::management
