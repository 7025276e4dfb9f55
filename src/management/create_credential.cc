#include <algorithm>

#include "base/ascii.h"
#include "crypto/keys.h"
#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMinKey = 4;
constexpr std::size_t kMaxKey = 64;

/// A key travels in headers, in query strings and before the ':' of Basic.
bool is_key(std::string_view key) {
    return key.size() >= kMinKey && key.size() <= kMaxKey && std::ranges::all_of(key, [](char c) {
               return is_alphanumeric(c) || std::string_view("._-").contains(c);
           });
}

/// The pair as it will be stored: given parts checked, the rest made.
Result<model::KeyPair> make_pair(store::Transaction& tx, model::KeyPairType type,
                                 const GivenPair& given) {
    const std::string pointer = "/key_pairs/" + std::string(name(type));
    model::KeyPair pair;
    if (given.key) {
        if (!is_key(*given.key)) {
            return invalid_field(pointer + "/key", "credential.key",
                                 "must be 4 to 64 letters, digits, '.', '_' or '-'");
        }
        ASSIGN_OR_RETURN(const bool taken, tx.credentials().key_exists(type, *given.key));
        if (taken) {
            return fail({.code = Code::NameTaken,
                         .message = "Another credential has this " + std::string(name(type)) +
                                    " key; keys are unique in the installation.",
                         .faults = {{pointer + "/key", "key.taken", "is in use"}}});
        }
        pair.key = *given.key;
    } else {
        pair.key = crypto::make_access_key();
    }
    if (given.secret) { RETURN_IF_ERROR(check_secret(*given.secret, pointer + "/secret")); }
    pair.secret = given.secret ? *given.secret : crypto::make_secret();
    return pair;
}

Status require_room_for(store::Transaction& tx, const model::CredentialOwner& owner) {
    if (owner.user_id.empty()) { return {}; }
    ASSIGN_OR_RETURN(const std::int64_t count, tx.credentials().count(owner));
    if (count < kMaxSubscriptionCredentials) { return {}; }
    return fail(Code::StateConflict, "You have " + std::to_string(count) +
                                         " subscription credentials, as many as a user may have; "
                                         "delete one that is not used.");
}

/// A call credential opens every API of its service, in every environment.
Status grant_service(store::Transaction& tx, const model::Credential& credential) {
    if (credential.owner.service_id.empty()) { return {}; }
    return tx.grants().add({.id = model::GrantId(make_id("gra")),
                            .credential_id = credential.id,
                            .service_id = credential.owner.service_id,
                            .api_id = {},
                            .environments = {}});
}

}  // namespace

Result<model::Credential> add_credential(Management& m, store::Transaction& tx,
                                         const Caller& caller, const NewCredential& request) {
    model::Credential credential;
    ASSIGN_OR_RETURN(credential.owner,
                     load_owner(tx, caller, CredentialAccess::Write, request.service));
    credential.id = model::CredentialId(make_id("crd"));
    credential.name = request.name;
    credential.description = request.description;
    credential.attributes = request.attributes;
    RETURN_IF_ERROR(check_credential_texts(credential));
    RETURN_IF_ERROR(require_free_credential_name(tx, credential));
    RETURN_IF_ERROR(require_room_for(tx, credential.owner));
    credential.hmac_options = request.hmac_options;
    credential.created_at = m.clock.now_ms();
    credential.created_by = caller.name();
    credential.updated_at = credential.created_at;
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        const auto given = request.pairs.find(type);
        ASSIGN_OR_RETURN(
            credential.pair(type),
            make_pair(tx, type, given == request.pairs.end() ? GivenPair() : given->second));
    }
    RETURN_IF_ERROR(tx.credentials().add(credential));
    RETURN_IF_ERROR(grant_service(tx, credential));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, credential));
    RETURN_IF_ERROR(
        record(tx, m, caller, "credential.create", subject, {nullptr, model::to_json(credential)}));
    return credential;
}

Result<Written<model::Credential>> create_credential(Management& m, const Caller& caller,
                                                     const NewCredential& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Credential credential, add_credential(m, tx, caller, request));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision = m.publisher.refresh(model::change_of(credential.owner));
    return Written<model::Credential>{std::move(credential), revision};
}

}  // namespace lintel::management
