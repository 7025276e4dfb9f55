#include "management/certificates.h"
#include "management/steps.h"

namespace lintel::management {

Result<Page<model::Certificate>> list_certificates(Management& m, const Caller& caller,
                                                   const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadCertificate));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::vector<model::Certificate> certificates,
                     tx.certificates().list(gateway.id, {.after = after, .limit = limit}));
    return page_of(std::move(certificates), page,
                   [](const model::Certificate& certificate) { return certificate.id.str(); });
}

Result<model::Certificate> show_certificate(Management& m, const Caller& caller,
                                            const std::string& certificate) {
    RETURN_IF_ERROR(caller.require(Permission::ReadCertificate));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    return tx.certificates().get(gateway.id, certificate, store::Secrets::Sealed);
}

}  // namespace lintel::management
