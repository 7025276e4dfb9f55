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

CredentialTable::CredentialTable(std::vector<std::shared_ptr<const Credential>> credentials)
    : all_(std::move(credentials)) {
    for (Index* index : {&basic_, &oauth2_, &hmac_, &ids_}) {
        index->reserve(all_.size());
    }
    for (const std::shared_ptr<const Credential>& credential : all_) {
        ids_.emplace(credential->id, credential.get());
        // A credential without a pair of a kind must not be found by the empty key.
        if (!credential->basic.key.empty()) {
            basic_.emplace(credential->basic.key, credential.get());
        }
        if (!credential->oauth2.key.empty()) {
            oauth2_.emplace(credential->oauth2.key, credential.get());
        }
        if (!credential->hmac.key.empty()) {
            hmac_.emplace(credential->hmac.key, credential.get());
        }
    }
}

const Credential* CredentialTable::find(const Index& index, std::string_view key) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : found->second;
}

}  // namespace lintel::gateway
