#include "crypto/keys.h"
#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// A new version; a new generation makes the tokens issued so far worthless.
void touch(model::Credential& credential, TimeMs now) {
    ++credential.version;
    credential.updated_at = now;
}

/// Which of the pairs is new; the secret itself is nobody's business.
data::Json as_reset(const model::Credential& credential, model::KeyPairType type) {
    data::Json json = model::to_json(credential);
    json["reset"] = std::string(name(type));
    return json;
}

std::uint64_t refresh(Management& m, const model::Service& service) {
    return m.publisher.refresh({.kind = Change::Kind::Credentials, .service_id = service.id});
}

}  // namespace

Result<Written<model::Credential>> edit_credential(Management& m, const Caller& caller,
                                                   const CredentialRef& ref,
                                                   const CredentialEdit& edit,
                                                   ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteCredential, ref.service, {}));
    ASSIGN_OR_RETURN(model::Credential credential,
                     tx.credentials().get(service.id, ref.credential, store::Secrets::Sealed));
    RETURN_IF_ERROR(require_version(credential.version, expected));
    const data::Json before = model::to_json(credential);
    credential.name = edit.name.value_or(credential.name);
    credential.description = edit.description.value_or(credential.description);
    credential.hmac_options = edit.hmac_options.value_or(credential.hmac_options);
    RETURN_IF_ERROR(check_credential_texts(credential.name, credential.description));
    RETURN_IF_ERROR(require_free_credential_name(tx, service.id, credential.name, credential.id));
    const model::CredentialStatus status = edit.status.value_or(credential.status);
    if (status != credential.status && status == model::CredentialStatus::Disabled) {
        ++credential.generation;
    }
    credential.status = status;
    touch(credential, m.clock.now_ms());
    RETURN_IF_ERROR(tx.credentials().save(credential));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.edit", subject_of(credential, service),
                           before, model::to_json(credential)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{std::move(credential), refresh(m, service)};
}

Result<Written<model::Credential>> reset_key_pair(Management& m, const Caller& caller,
                                                  const CredentialRef& ref, model::KeyPairType type,
                                                  const std::optional<Secret>& secret) {
    if (secret) { RETURN_IF_ERROR(check_secret(*secret, "/secret")); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteCredential, ref.service, {}));
    ASSIGN_OR_RETURN(model::Credential credential,
                     tx.credentials().get(service.id, ref.credential, store::Secrets::Sealed));
    const data::Json before = model::to_json(credential);
    credential.pair(type).secret = secret ? *secret : crypto::make_secret();
    ++credential.generation;
    touch(credential, m.clock.now_ms());
    RETURN_IF_ERROR(tx.credentials().save(credential));
    RETURN_IF_ERROR(
        tx.credentials().save_secret(credential.id, type, credential.pair(type).secret));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.reset", subject_of(credential, service),
                           before, as_reset(credential, type)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{std::move(credential), refresh(m, service)};
}

Result<Written<model::Credential>> delete_credential(Management& m, const Caller& caller,
                                                     const CredentialRef& ref,
                                                     ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteCredential, ref.service, {}));
    ASSIGN_OR_RETURN(model::Credential credential,
                     tx.credentials().get(service.id, ref.credential, store::Secrets::Sealed));
    RETURN_IF_ERROR(require_version(credential.version, expected));
    RETURN_IF_ERROR(tx.credentials().remove(credential.id));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.delete", subject_of(credential, service),
                           model::to_json(credential)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{std::move(credential), refresh(m, service)};
}

}  // namespace lintel::management
