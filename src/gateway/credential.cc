#include "gateway/credential.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace lintel::gateway {

void Credential::allow(crypto::HmacAlgorithm algorithm) {
    LINTEL_ASSERT(!hmac.secret.empty(), "an empty secret would let anybody sign");
    const auto at = static_cast<std::size_t>(algorithm);
    hmac_keys[at] = std::make_shared<const crypto::HmacKey>(algorithm, hmac.secret);
    if (hmac.previous.empty()) { return; }
    previous_hmac_keys[at] = std::make_shared<const crypto::HmacKey>(algorithm, hmac.previous);
}

namespace {

bool opens(const Grant& grant, std::string_view service_id, std::string_view environment) {
    return grant.service_id == service_id &&
           (grant.environment.empty() || grant.environment == environment);
}

bool lasts_longer(const Grant& grant, const Grant& other) {
    if (other.expires_at == 0) { return false; }
    return grant.expires_at == 0 || grant.expires_at > other.expires_at;
}

}  // namespace

Right Credential::right_to(std::string_view service_id, std::string_view api_id,
                           std::string_view environment, TimeMs now) const {
    Right right = Right::None;
    for (const Grant& grant : grants) {
        if (!opens(grant, service_id, environment)) { continue; }
        if (!grant.api_id.empty() && grant.api_id != api_id) { continue; }
        if (!grant.is_over(now)) { return Right::Granted; }
        right = Right::Expired;
    }
    return right;
}

const Grant* Credential::grant_for(std::string_view service_id, std::string_view environment,
                                   TimeMs now) const {
    const Grant* longest = nullptr;
    for (const Grant& grant : grants) {
        if (!opens(grant, service_id, environment) || grant.is_over(now)) { continue; }
        if (longest == nullptr || lasts_longer(grant, *longest)) { longest = &grant; }
    }
    return longest;
}

bool Credential::has_grant(std::string_view grant_id) const {
    return std::ranges::find(grants, grant_id, &Grant::id) != grants.end();
}

namespace {

const std::string& id_of(const Credential& credential) {
    return credential.id;
}
const std::string& basic_key_of(const Credential& credential) {
    return credential.basic.key;
}
const std::string& oauth2_key_of(const Credential& credential) {
    return credential.oauth2.key;
}
const std::string& hmac_key_of(const Credential& credential) {
    return credential.hmac.key;
}

}  // namespace

CredentialTable::CredentialTable(std::vector<std::shared_ptr<const Credential>> credentials)
    : all_(std::move(credentials)),
      basic_(all_.size()),
      oauth2_(all_.size()),
      hmac_(all_.size()),
      ids_(all_.size()) {
    // A credential without a pair of a kind must not be found by the empty key.
    const auto add = [](FlatIndex& index, const std::string& key, std::uint32_t position) {
        if (!key.empty()) { index.add(FlatIndex::hash(key), position); }
    };
    for (std::uint32_t i = 0; i < all_.size(); ++i) {
        add(ids_, all_[i]->id, i);
        add(basic_, all_[i]->basic.key, i);
        add(oauth2_, all_[i]->oauth2.key, i);
        add(hmac_, all_[i]->hmac.key, i);
    }
}

const Credential* CredentialTable::by_basic_key(std::string_view key) const {
    return find(basic_, key, basic_key_of);
}

const Credential* CredentialTable::by_oauth2_key(std::string_view key) const {
    return find(oauth2_, key, oauth2_key_of);
}

const Credential* CredentialTable::by_hmac_key(std::string_view key) const {
    return find(hmac_, key, hmac_key_of);
}

const Credential* CredentialTable::by_id(std::string_view id) const {
    return find(ids_, id, id_of);
}

template <typename KeyOf>
const Credential* CredentialTable::find(const FlatIndex& index, std::string_view key,
                                        KeyOf key_of) const {
    const Credential* found = nullptr;
    index.any_of(FlatIndex::hash(key), [&](std::uint32_t position) {
        found = all_[position].get();
        if (key_of(*found) == key) { return true; }
        found = nullptr;
        return false;
    });
    return found;
}

}  // namespace lintel::gateway
