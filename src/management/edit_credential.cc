#include <fmt/format.h>

#include "crypto/keys.h"
#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

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

Status check_overlap(std::chrono::seconds overlap) {
    if (overlap <= model::kMaxOverlap) { return {}; }
    return invalid_field("/overlap_s", "field.range",
                         "must be at most 2592000 seconds, 30 days: a replaced secret that opens "
                         "for longer is one more to lose; make a second credential instead");
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
        credential.end_tokens();
    }
    credential.status = status;
    touch(credential, m.clock.now_ms());
    RETURN_IF_ERROR(tx.credentials().save(credential));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(
        record(tx, m, caller, "credential.edit", subject, {before, model::to_json(credential)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

Result<Written<model::Credential>> reset_key_pair(Management& m, const Caller& caller,
                                                  const CredentialRef& ref,
                                                  const KeyPairReset& reset) {
    if (reset.secret) { RETURN_IF_ERROR(check_secret(*reset.secret, "/secret")); }
    RETURN_IF_ERROR(check_overlap(reset.overlap));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Credential credential,
                     load_credential(tx, caller, CredentialAccess::Write, ref));
    const data::Json before = model::to_json(credential);
    const TimeMs now = m.clock.now_ms();
    model::KeyPair& pair = credential.pair(reset.type);
    pair.secret = reset.secret ? *reset.secret : crypto::make_secret();
    pair.previous_until =
        reset.overlap.count() == 0 ? 0 : now + std::chrono::milliseconds(reset.overlap).count();
    if (reset.type == model::KeyPairType::OAuth2) { ++credential.generation; }
    touch(credential, now);
    RETURN_IF_ERROR(tx.credentials().save(credential));
    RETURN_IF_ERROR(tx.credentials().replace_secret(credential.id, reset.type, pair.secret,
                                                    pair.previous_until));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.reset", subject,
                           {before, as_reset(credential, reset.type)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

Result<Written<model::Credential>> end_overlap(Management& m, const Caller& caller,
                                               const CredentialRef& ref, model::KeyPairType type) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Credential credential,
                     load_credential(tx, caller, CredentialAccess::Write, ref));
    const data::Json before = model::to_json(credential);
    const TimeMs now = m.clock.now_ms();
    if (credential.pair(type).previous_until <= now) {
        return fail(Code::StateConflict,
                    fmt::format("The {} pair of the credential '{}' has no previous secret that "
                                "still opens; there is nothing to end.",
                                name(type), credential.name));
    }
    credential.pair(type).previous_until = 0;
    touch(credential, now);
    RETURN_IF_ERROR(tx.credentials().save(credential));
    RETURN_IF_ERROR(tx.credentials().forget_previous(credential.id, type));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.end_overlap", subject,
                           {before, model::to_json(credential)}));
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
        record(tx, m, caller, "credential.delete", subject, {model::to_json(credential)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Credential>{credential, refresh(m, credential)};
}

}  // namespace lintel::management
