#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"

namespace lintel::management {

Result<Page<model::Credential>> list_credentials(Management& m, const Caller& caller,
                                                 const std::string& service,
                                                 const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service found,
                     load_service(tx, caller, Permission::ReadCredential, service, {}));
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials,
                     tx.credentials().list(found.id, {.after = after, .limit = limit}));
    return page_of(std::move(credentials), page,
                   [](const model::Credential& credential) { return credential.id.str(); });
}

Result<model::Credential> show_credential(Management& m, const Caller& caller,
                                          const CredentialRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::ReadCredential, ref.service, {}));
    return tx.credentials().get(service.id, ref.credential, store::Secrets::Sealed);
}

Result<model::Credential> reveal_credential(Management& m, const Caller& caller,
                                            const CredentialRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::RevealCredential, ref.service, {}));
    ASSIGN_OR_RETURN(model::Credential credential,
                     tx.credentials().get(service.id, ref.credential, store::Secrets::Unsealed));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.reveal", subject_of(credential, service)));
    RETURN_IF_ERROR(tx.commit());
    return credential;
}

}  // namespace lintel::management
