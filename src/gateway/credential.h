// Who may call, as the data plane sees it. Part of the snapshot: immutable, shared by all workers.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/secret.h"
#include "crypto/hmac.h"

namespace lintel::gateway {

struct KeyPair {
    std::string key;
    Secret secret;
};

/// Right to call: a service, or one api of it, in one environment or in all.
struct Grant {
    std::string service_id;
    std::string api_id;       ///< empty = every api of the service
    std::string environment;  ///< empty = every environment
    std::string id = {};
};

struct HmacOptions {
    bool encode_uri_params = true;         ///< false: canonical queries may be signed unencoded too
    std::chrono::seconds clock_skew{900};  ///< 0 = the date is not compared with the clock
    bool replay_guard = false;
    std::vector<std::string> signed_headers;  ///< which headers may be signed; empty = any
};

struct Credential {
    std::string id;
    std::string name;
    bool enabled = true;
    /// Raised by reset, disable and delete; kills access tokens of earlier ones.
    std::uint64_t generation = 0;
    KeyPair basic;
    KeyPair oauth2;
    KeyPair hmac;
    HmacOptions hmac_options;
    /// By algorithm, ready to sign, so that a request only copies a context. Null: not allowed.
    std::array<std::shared_ptr<const crypto::HmacKey>, 3> hmac_keys;
    std::vector<Grant> grants;

    /// Lets the hmac pair sign with the algorithm; its secret must be there already.
    void allow(crypto::HmacAlgorithm algorithm);
    /// Null when the algorithm is not allowed.
    const crypto::HmacKey* hmac_key(crypto::HmacAlgorithm algorithm) const {
        return hmac_keys[static_cast<std::size_t>(algorithm)].get();
    }
    bool may_call(std::string_view service_id, std::string_view api_id,
                  std::string_view environment) const;
    /// The right to call the service or any api of it; null when there is none.
    const Grant* grant_for(std::string_view service_id, std::string_view environment) const;
    bool has_grant(std::string_view grant_id) const;
};

/// Every credential, found by the key of each kind. Keys are unique per kind over the installation.
class CredentialTable {
public:
    explicit CredentialTable(std::vector<std::shared_ptr<const Credential>> credentials);

    const Credential* by_basic_key(std::string_view key) const { return find(basic_, key); }
    const Credential* by_oauth2_key(std::string_view key) const { return find(oauth2_, key); }
    const Credential* by_hmac_key(std::string_view key) const { return find(hmac_, key); }
    const Credential* by_id(std::string_view id) const { return find(ids_, id); }
    const std::vector<std::shared_ptr<const Credential>>& all() const { return all_; }

private:
    using Index = std::unordered_map<std::string_view, const Credential*>;
    static const Credential* find(const Index& index, std::string_view key);

    std::vector<std::shared_ptr<const Credential>> all_;
    Index basic_;
    Index oauth2_;
    Index hmac_;
    Index ids_;
};

/// Who calls. Filled by the authenticator; without a credential for APIs that need none.
struct Principal {
    const Credential* credential = nullptr;
    std::string_view method;  ///< "basic", "oauth2", "hmac"; empty = anonymous
};

}  // namespace lintel::gateway
