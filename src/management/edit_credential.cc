#include <fmt/format.h>

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

std::uint64_t refresh(Management& m, const model::Credential& credential) {
    return m.publisher.refresh(model::change_of(credential.owner));
}

void apply(const std::map<std::string, std::optional<std::string>>& attributes,
           model::Credential& credential) {
    for (const auto& [name, value] : attributes) {
        if (value) {
            credential.attributes[name] = *value;
        } else {
            credential.attributes.erase(name);
        }
    }
}

Status require_unused(store::Transaction& tx, const model::Credential& credential) {
    ASSIGN_OR_RETURN(const std::vector<store::SubscriptionRow> open,
                     tx.subscriptions().list({.credential_id = credential.id, .only_open = true},
                                             {.after = "", .limit = kMaxNamedServices}));
    if (open.empty()) { return {}; }
    std::vector<std::string> codes;
    for (const store::SubscriptionRow& row : open) {
        codes.push_back(row.application.service_code);
    }
    return fail(Code::CredentialInUse,
                fmt::format("The credential '{}' has pending or approved subscriptions ({}).",
                            credential.name, fmt::join(codes, ", ")));
}

bool only_switches(const CredentialEdit& edit) {
    return !edit.name && !edit.description && edit.attributes.empty() && !edit.hmac_options;
}

/// Which of the pairs is new; the secret itself is nobody's business.
data::Json as_reset(const model::Credential& credential, model::KeyPairType type) {
    data::Json json = model::to_json(credential);
    json["reset"] = std::string(name(type));
    return json;
}

}  // namespace

Result<Written<model::Credential>> edit_credential(Management& m, const Caller& caller,
                                                   const CredentialRef& ref,
                                                   const CredentialEdit& edit,
                                                   ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    const auto access = only_switches(edit) ? CredentialAccess::Switch : CredentialAccess::Write;
    ASSIGN_OR_RETURN(model::Credential credential, load_credential(tx, caller, access, ref));
    RETURN_IF_ERROR(require_version(credential.version, expected));
    const data::Json before = model::to_json(credential);
    credential.name = edit.name.value_or(credential.name);
    credential.description = edit.description.value_or(credential.description);
    apply(edit.attributes, credential);
    credential.hmac_options = edit.hmac_options.value_or(credential.hmac_options);
    RETURN_IF_ERROR(check_credential_texts(credential));
    RETURN_IF_ERROR(require_free_credential_name(tx, credential));
    const model::CredentialStatus status = edit.status.value_or(credential.status);
    if (status != credential.status && status == model::CredentialStatus::Disabled) {
        ++credential.generation;
    }
    credential.status = status;
    touch(credential, m.clock.now_ms());
    RETURN_IF_ERROR(tx.credentials().save(credential));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(
        record(tx, m, caller, "credential.edit", subject, before, model::to_json(credential)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

Result<Written<model::Credential>> reset_key_pair(Management& m, const Caller& caller,
                                                  const CredentialRef& ref, model::KeyPairType type,
                                                  const std::optional<Secret>& secret) {
    if (secret) { RETURN_IF_ERROR(check_secret(*secret, "/secret")); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Credential credential,
                     load_credential(tx, caller, CredentialAccess::Write, ref));
    const data::Json before = model::to_json(credential);
    credential.pair(type).secret = secret ? *secret : crypto::make_secret();
    ++credential.generation;
    touch(credential, m.clock.now_ms());
    RETURN_IF_ERROR(tx.credentials().save(credential));
    RETURN_IF_ERROR(
        tx.credentials().save_secret(credential.id, type, credential.pair(type).secret));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(
        record(tx, m, caller, "credential.reset", subject, before, as_reset(credential, type)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

Result<Written<model::Credential>> delete_credential(Management& m, const Caller& caller,
                                                     const CredentialRef& ref,
                                                     ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Credential credential,
                     load_credential(tx, caller, CredentialAccess::Write, ref));
    RETURN_IF_ERROR(require_version(credential.version, expected));
    RETURN_IF_ERROR(require_unused(tx, credential));
    RETURN_IF_ERROR(tx.credentials().remove(credential.id));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(
        record(tx, m, caller, "credential.delete", subject, model::to_json(credential)));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

}  // namespace lintel::management
