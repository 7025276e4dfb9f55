#include "compiler/compile_credentials.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "crypto/hmac.h"

namespace lintel::compiler {

namespace {

gateway::KeyPair pair_of(const model::KeyPair& pair) {
    return {.key = pair.key,
            .secret = pair.secret,
            .previous = pair.previous,
            .previous_until = pair.previous_until};
}

crypto::HmacAlgorithm algorithm_of(model::HmacAlgorithm algorithm) {
    switch (algorithm) {
        case model::HmacAlgorithm::Sha1: return crypto::HmacAlgorithm::Sha1;
        case model::HmacAlgorithm::Sha512: return crypto::HmacAlgorithm::Sha512;
        case model::HmacAlgorithm::Sha256: break;
    }
    return crypto::HmacAlgorithm::Sha256;
}

/// REQUIRES: the hmac pair is there.
void prepare_hmac(const model::HmacOptions& from, gateway::Credential& to) {
    to.hmac_options = {.encode_uri_params = from.encode_uri_params,
                       .clock_skew = std::chrono::seconds(from.clock_skew_s),
                       .replay_guard = from.replay_guard,
                       .signed_headers = from.signed_headers};
    for (const model::HmacAlgorithm algorithm : from.algorithms) {
        to.allow(algorithm_of(algorithm));
    }
}

/// One grant per environment: the data plane compares codes.
void add_grants(const model::Grant& from, const std::vector<model::Environment>& environments,
                std::vector<gateway::Grant>& to) {
    if (from.environments.empty()) {
        to.push_back(
            {from.service_id.str(), from.api_id.str(), {}, from.id.str(), from.expires_at});
        return;
    }
    for (const model::EnvironmentId& id : from.environments) {
        const auto found = std::ranges::find(environments, id, &model::Environment::id);
        if (found != environments.end()) {
            to.push_back({from.service_id.str(), from.api_id.str(), address_of(*found),
                          from.id.str(), from.expires_at});
        }
    }
}

}  // namespace

Credentials compile_credentials(const management::OwnedCredentials& credentials,
                                const std::vector<model::Environment>& environments,
                                const Credentials& before) {
    std::unordered_map<std::string_view, std::shared_ptr<gateway::CredentialUse>> uses;
    for (const auto& credential : before) {
        uses.emplace(credential->id, credential->use);
    }
    std::multimap<model::CredentialId, const model::Grant*> grants;
    for (const model::Grant& grant : credentials.grants) {
        grants.emplace(grant.credential_id, &grant);
    }
    Credentials compiled;
    compiled.reserve(credentials.credentials.size());
    for (const model::Credential& from : credentials.credentials) {
        auto to = std::make_shared<gateway::Credential>();
        to->id = from.id.str();
        to->name = from.name;
        if (const auto use = uses.find(to->id); use != uses.end()) { to->use = use->second; }
        to->enabled = from.status == model::CredentialStatus::Enabled;
        to->generation = static_cast<std::uint64_t>(from.generation);
        to->basic = pair_of(from.basic);
        to->oauth2 = pair_of(from.oauth2);
        to->hmac = pair_of(from.hmac);
        prepare_hmac(from.hmac_options, *to);
        const auto [first, last] = grants.equal_range(from.id);
        for (auto grant = first; grant != last; ++grant) {
            add_grants(*grant->second, environments, to->grants);
        }
        compiled.push_back(std::move(to));
    }
    return compiled;
}

}  // namespace lintel::compiler
