#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "crypto/keys.h"
#include "management/credential_rules.h"
#include "management/credentials.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxCredentialName = 50;
constexpr std::size_t kMinKey = 4;
constexpr std::size_t kMaxKey = 64;
constexpr std::size_t kMinSecret = 8;
constexpr std::size_t kMaxSecret = 128;

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

}  // namespace

Status check_secret(const Secret& secret, const std::string& pointer) {
    const std::string_view text = secret.reveal();
    const bool is_printable =
        std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    if (text.size() >= kMinSecret && text.size() <= kMaxSecret && is_printable) { return {}; }
    return invalid_field(pointer, "credential.secret",
                         "must be 8 to 128 printable ASCII characters without spaces");
}

Status check_credential_texts(const std::string& name, const std::string& description) {
    std::vector<Fault> faults;
    if (trim(name).empty()) {
        faults.push_back({"/name", "field.required", "is required and must not be blank"});
    } else if (model::character_count(name) > kMaxCredentialName) {
        faults.push_back({"/name", "field.length", "may have at most 50 characters"});
    }
    if (model::character_count(description) > model::kMaxDescription) {
        faults.push_back({"/description", "field.length", "may have at most 200 characters"});
    }
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

Status require_free_credential_name(store::Transaction& tx, const model::ServiceId& service,
                                    const std::string& name, const model::CredentialId& except) {
    ASSIGN_OR_RETURN(const model::CredentialId holder,
                     tx.credentials().find_by_name(service, name));
    if (holder.empty() || holder == except) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "Another credential of the service is named '" + name + "'.",
                 .faults = {{"/name", "name.taken", "is the name of another credential"}}});
}

Result<Written<model::Credential>> create_credential(Management& m, const Caller& caller,
                                                     const NewCredential& request) {
    RETURN_IF_ERROR(check_credential_texts(request.name, request.description));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteCredential, request.service, {}));
    RETURN_IF_ERROR(require_free_credential_name(tx, service.id, request.name, {}));
    model::Credential credential;
    credential.id = model::CredentialId(make_id("crd"));
    credential.service_id = service.id;
    credential.name = request.name;
    credential.description = request.description;
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
    // A call credential opens every API of its service, in every environment.
    RETURN_IF_ERROR(tx.grants().add({.id = model::GrantId(make_id("gra")),
                                     .credential_id = credential.id,
                                     .service_id = service.id,
                                     .api_id = {},
                                     .environments = {}}));
    RETURN_IF_ERROR(record(tx, m, caller, "credential.create", subject_of(credential, service),
                           nullptr, model::to_json(credential)));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Credentials, .service_id = service.id});
    return Written<model::Credential>{std::move(credential), revision};
}

}  // namespace lintel::management
