// Who may call, as the data plane sees it. Part of the snapshot: immutable, shared by all workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/secret.h"

namespace lintel::crypto {
class HmacKey;
}

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
};

struct HmacOptions {
    bool allow_sha1 = true;
    bool allow_sha512 = true;
    bool encode_uri_params = true;
    std::chrono::seconds clock_skew{900};  ///< 0 = the date is not compared with the clock
    bool replay_guard = false;
};

struct Credential {
    std::string id;
    std::string name;
    bool enabled = true;
    std::uint64_t generation =
        0;  ///< raised by reset, disable and delete; kills access tokens of earlier ones
    KeyPair basic;
    KeyPair oauth2;
    KeyPair hmac;
    HmacOptions hmac_options;
    /// Prepared keys, one per algorithm (sha1, sha256, sha512), so that a request only copies a
    /// context.
    std::shared_ptr<const crypto::HmacKey> hmac_sha1;
    std::shared_ptr<const crypto::HmacKey> hmac_sha256;
    std::shared_ptr<const crypto::HmacKey> hmac_sha512;
    std::vector<Grant> grants;

    bool may_call(std::string_view service_id, std::string_view api_id,
                  std::string_view environment) const;
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
