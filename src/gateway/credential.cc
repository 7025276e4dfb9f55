#include "gateway/credential.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace lintel::gateway {

HmacKeys& HmacKeys::operator=(const HmacKeys& other) {
    if (this != &other) { clear(); }
    return *this;
}

HmacKeys::~HmacKeys() {
    clear();
}

void HmacKeys::clear() {
    for (std::atomic<const crypto::HmacKey*>& key : keys_) {
        delete key.exchange(nullptr);
    }
}

const crypto::HmacKey& HmacKeys::of(const Secret& secret, crypto::HmacAlgorithm algorithm) const {
    std::atomic<const crypto::HmacKey*>& slot = keys_[static_cast<std::size_t>(algorithm)];
    const crypto::HmacKey* key = slot.load(std::memory_order_acquire);
    if (key != nullptr) { return *key; }
    auto made = std::make_unique<const crypto::HmacKey>(algorithm, secret);
    // Of threads that make it at once the first one's stays.
    if (slot.compare_exchange_strong(key, made.get())) { return *made.release(); }
    return *key;
}

void Credential::allow(crypto::HmacAlgorithm algorithm) {
    LINTEL_ASSERT(!hmac.secret.empty(), "an empty secret would let anybody sign");
    allowed_algorithms[static_cast<std::size_t>(algorithm)] = true;
}

const crypto::HmacKey* Credential::hmac_key(crypto::HmacAlgorithm algorithm) const {
    const bool is_allowed = allowed_algorithms[static_cast<std::size_t>(algorithm)];
    return is_allowed ? &hmac_keys_.of(hmac.secret, algorithm) : nullptr;
}

const crypto::HmacKey* Credential::previous_hmac_key(crypto::HmacAlgorithm algorithm,
                                                     TimeMs now) const {
    const bool is_allowed = allowed_algorithms[static_cast<std::size_t>(algorithm)];
    if (!is_allowed || hmac.previous.empty() || now >= hmac.previous_until) { return nullptr; }
    return &previous_hmac_keys_.of(hmac.previous, algorithm);
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
    : all_(std::move(credentials)),
      basic_(all_.size()),
      oauth2_(all_.size()),
      hmac_(all_.size()),
      ids_(all_.size()) {
    // A credential without a pair of a kind must not be found by the empty key.
    const auto add = [](Index& index, const std::string& key, const Credential& credential) {
        if (!key.empty()) { index.add(hash_of(key), {.credential = &credential}); }
    };
    for (const std::shared_ptr<const Credential>& credential : all_) {
        add(ids_, credential->id, *credential);
        add(basic_, credential->basic.key, *credential);
        add(oauth2_, credential->oauth2.key, *credential);
        add(hmac_, credential->hmac.key, *credential);
    }
}

namespace {

template <typename Index, typename KeyOf>
const Credential* find_in(const Index& index, std::string_view key, KeyOf key_of) {
    const auto* slot =
        index.find(hash_of(key), [&](const auto& held) { return key_of(*held.credential) == key; });
    return slot == nullptr ? nullptr : slot->credential;
}

}  // namespace

const Credential* CredentialTable::by_basic_key(std::string_view key) const {
    return find_in(basic_, key, [](const Credential& c) -> auto& { return c.basic.key; });
}

const Credential* CredentialTable::by_oauth2_key(std::string_view key) const {
    return find_in(oauth2_, key, [](const Credential& c) -> auto& { return c.oauth2.key; });
}

const Credential* CredentialTable::by_hmac_key(std::string_view key) const {
    return find_in(hmac_, key, [](const Credential& c) -> auto& { return c.hmac.key; });
}

const Credential* CredentialTable::by_id(std::string_view id) const {
    return find_in(ids_, id, [](const Credential& c) -> auto& { return c.id; });
}

}  // namespace lintel::gateway
