// Credentials: three key pairs, one per auth method, and the grants that say what they may call. A
// call credential is a service's, a subscription credential a user's.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "data/json.h"
#include "model/change.h"
#include "model/ids.h"

namespace lintel::model {

enum class KeyPairType { Basic, OAuth2, Hmac };
inline constexpr std::array kKeyPairTypes{KeyPairType::Basic, KeyPairType::OAuth2,
                                          KeyPairType::Hmac};
std::string_view name(
    KeyPairType type);  ///< "basic", "oauth2", "hmac": the names of the auth kinds
std::optional<KeyPairType> parse_key_pair_type(std::string_view text);

struct KeyPair {
    std::string key = {};       ///< unique over the installation per type
    Secret secret = {};         ///< empty when it was not asked for: lists do not unseal
    Secret previous = {};       ///< that of before the last reset, which opens beside it
    TimeMs previous_until = 0;  ///< until then; 0: there is none
    TimeMs last_used_at = 0;    ///< the minute of a call it proved; 0: never
};

/// How long the secret before a reset may go on opening. It ought to outlast the slowest rollout of
/// a new one, but a secret that was replaced for a reason must not open for ever.
inline constexpr std::chrono::days kMaxOverlap{30};

enum class CredentialStatus { Enabled, Disabled };
std::string_view name(CredentialStatus status);  ///< "enabled", "disabled"
std::optional<CredentialStatus> parse_credential_status(std::string_view text);

enum class HmacAlgorithm { Sha1, Sha256, Sha512 };
std::string_view name(HmacAlgorithm algorithm);  ///< "hmac-sha1", "hmac-sha256", "hmac-sha512"
std::optional<HmacAlgorithm> parse_hmac_algorithm(std::string_view text);

struct HmacOptions {
    std::vector<HmacAlgorithm> algorithms{HmacAlgorithm::Sha256};
    bool encode_uri_params = true;
    int clock_skew_s = 900;  ///< 0: not checked
    bool replay_guard = false;
    std::vector<std::string> signed_headers = {};  ///< empty: any header may be signed

    bool operator==(const HmacOptions&) const = default;
};

/// A service or a user: one of the two is there.
struct CredentialOwner {
    ServiceId service_id = {};
    UserId user_id = {};
    GatewayId gateway_id = {};  ///< where the user has it

    const std::string& str() const { return user_id.empty() ? service_id.str() : user_id.str(); }
    auto operator<=>(const CredentialOwner&) const = default;
};
/// What callers notice when the credentials of an owner change.
Change change_of(const CredentialOwner& owner);

/// It opens the APIs its grants name: a call credential every API of its service, a subscription
/// credential those of the services its owner has subscribed to with it.
struct Credential {
    CredentialId id = {};  ///< "crd_..."
    CredentialOwner owner = {};
    std::string name = {};
    std::string description = {};
    std::map<std::string, std::string> attributes = {};  ///< what its owner notes about it
    CredentialStatus status = CredentialStatus::Enabled;
    /// Access tokens carry it; those of the previous secret of the oauth2 pair carry one less. All
    /// others are dead.
    std::int64_t generation = 1;
    KeyPair basic = {};
    KeyPair oauth2 = {};
    KeyPair hmac = {};
    HmacOptions hmac_options;
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;

    const KeyPair& pair(KeyPairType type) const;
    KeyPair& pair(KeyPairType type);
    /// No token issued so far is good any more, whichever secret it came by.
    void end_tokens() { generation += 2; }
};

/// The right of a credential to call a service, or one of its APIs, in some environments.
struct Grant {
    GrantId id = {};  ///< "gra_..."
    CredentialId credential_id = {};
    ServiceId service_id = {};
    ApiId api_id = {};                             ///< empty: every API of the service
    std::vector<EnvironmentId> environments = {};  ///< empty: every environment
    TimeMs expires_at = 0;                         ///< 0: never
    bool is_direct =
        false;  ///< given by the provider; else it came with credential or subscription
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};

    /// Whether some environment is in both.
    bool overlaps(const std::vector<EnvironmentId>& others) const;
};

/// The data plane looks at all that a credential has with every call.
inline constexpr int kMaxDirectGrants = 100;

/// REQUIRES: an object of strings.
std::map<std::string, std::string> attributes_from_json(const data::Json& json);
/// Without secrets.
data::Json to_json(const Credential& credential);
/// The three pairs with their secrets, for the one who may read them.
data::Json secrets_to_json(const Credential& credential);
data::Json to_json(const HmacOptions& options);
Result<HmacOptions> hmac_options_from_json(const data::Json& json, std::string_view pointer);

}  // namespace lintel::model
