// Call credentials of services and subscription credentials of users. Every change takes effect at
// once, without a publish.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "management/management.h"
#include "model/credential.h"

namespace lintel::management {

/// What the creator gives of a pair; the rest is generated: keys of 20, secrets of 40 hexadecimal
/// characters.
struct GivenPair {
    std::optional<std::string> key = {};
    std::optional<Secret> secret = {};
};

/// `service` is empty for a subscription credential of the caller; so it is everywhere here.
struct NewCredential {
    std::string service = {};
    std::string name = {};
    std::string description = {};
    std::map<std::string, std::string> attributes = {};
    std::map<model::KeyPairType, GivenPair> pairs = {};
    model::HmacOptions hmac_options = {};
};

struct CredentialEdit {
    std::optional<std::string> name = {};
    std::optional<std::string> description = {};
    std::map<std::string, std::optional<std::string>> attributes = {};  ///< without value: dropped
    std::optional<model::HmacOptions> hmac_options = {};
    std::optional<model::CredentialStatus> status = {};
};

/// Users get far with few; the limit keeps one of them from filling the gateway.
inline constexpr int kMaxSubscriptionCredentials = 100;

struct CredentialFilter {
    std::string service = {};
    bool of_all_users = false;  ///< for system administrators
    std::string text = {};      ///< part of name, description or a key, in any case
};

/// `credential` is its id.
struct CredentialRef {
    std::string service = {};
    model::CredentialId credential = {};
};

/// The answer holds the secrets; later they must be revealed.
Result<Written<model::Credential>> create_credential(Management& m, const Caller& caller,
                                                     const NewCredential& request);
Result<Page<model::Credential>> list_credentials(Management& m, const Caller& caller,
                                                 const CredentialFilter& filter,
                                                 const PageRequest& page);
Result<model::Credential> show_credential(Management& m, const Caller& caller,
                                          const CredentialRef& ref);
/// With secrets; permissioned by itself and audited.
Result<model::Credential> reveal_credential(Management& m, const Caller& caller,
                                            const CredentialRef& ref);
/// Disabling raises the generation: tokens issued before stay dead when it is enabled again.
Result<Written<model::Credential>> edit_credential(Management& m, const Caller& caller,
                                                   const CredentialRef& ref,
                                                   const CredentialEdit& edit,
                                                   ExpectedVersion expected);
struct KeyPairReset {
    model::KeyPairType type = model::KeyPairType::Basic;
    std::optional<Secret> secret = {};  ///< absent: generated
    std::chrono::seconds overlap{0};    ///< how long the secret so far goes on opening
};
/// The key stays, the secret is new; the one before the last ends. The answer holds the secret of
/// this pair.
Result<Written<model::Credential>> reset_key_pair(Management& m, const Caller& caller,
                                                  const CredentialRef& ref,
                                                  const KeyPairReset& reset);
/// Ends the previous secret of a pair before its time. StateConflict when none is valid.
Result<Written<model::Credential>> end_overlap(Management& m, const Caller& caller,
                                               const CredentialRef& ref, model::KeyPairType type);
Result<Written<model::Credential>> delete_credential(Management& m, const Caller& caller,
                                                     const CredentialRef& ref,
                                                     ExpectedVersion expected);

}  // namespace lintel::management
