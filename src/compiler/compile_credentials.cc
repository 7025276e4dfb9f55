#include "compiler/compile_credentials.h"

#include <algorithm>
#include <utility>

#include "crypto/hmac.h"

namespace lintel::compiler {

namespace {

gateway::KeyPair pair_of(model::KeyPair&& pair) {
    return {.key = std::move(pair.key),
            .secret = std::move(pair.secret),
            .previous = std::move(pair.previous),
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
void take_hmac(const model::HmacOptions& from, gateway::Credential& to) {
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

CredentialCompiler::CredentialCompiler(const std::vector<model::Environment>& environments,
                                       const gateway::CredentialTable& before)
    : environments_(environments), before_(before) {}

void CredentialCompiler::add(model::Credential from) {
    auto to = std::make_shared<gateway::Credential>();
    to->id = from.id.str();
    to->name = std::move(from.name);
    if (const gateway::Credential* before = before_.by_id(to->id)) { to->use = before->use; }
    to->enabled = from.status == model::CredentialStatus::Enabled;
    to->generation = static_cast<std::uint64_t>(from.generation);
    to->basic = pair_of(std::move(from.basic));
    to->oauth2 = pair_of(std::move(from.oauth2));
    to->hmac = pair_of(std::move(from.hmac));
    take_hmac(from.hmac_options, *to);
    by_id_.add(hash_of(to->id), {.credential = to.get()});
    compiled_[from.owner.str()].push_back(std::move(to));
}

void CredentialCompiler::add(const model::Grant& grant) {
    const std::string& id = grant.credential_id.str();
    const Added* holder =
        by_id_.find(hash_of(id), [&](const Added& added) { return added.credential->id == id; });
    if (holder != nullptr) { add_grants(grant, environments_, holder->credential->grants); }
}

}  // namespace lintel::compiler
