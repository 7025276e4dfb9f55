#include "compiler/debug_signature.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "crypto/hmac.h"

namespace lintel::compiler {

namespace {

/// Long enough for the one call it is made for.
constexpr TimeMs kTokenLifeMs = 120'000;

void set_field_of(gateway::DebugRequest& request, std::string_view name, std::string value) {
    std::erase_if(request.fields,
                  [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    request.fields.emplace_back(name, std::move(value));
}

void sign_basic(const gateway::Credential& credential, gateway::DebugRequest& request) {
    const std::string pair =
        fmt::format("{}:{}", credential.basic.key, credential.basic.secret.reveal());
    set_field_of(request, "Authorization", "Basic " + to_base64(pair));
}

void sign_oauth2(const Signing& signing, TimeMs now, gateway::DebugRequest& request) {
    const gateway::Grant* const grant =
        signing.credential.grant_for(signing.service.id, signing.service.environment, now);
    const std::string token = signing.tokens.issue({.credential_id = signing.credential.id,
                                                    .generation = signing.credential.generation,
                                                    .service_id = signing.service.id,
                                                    .environment = signing.service.environment,
                                                    .expires_at = now + kTokenLifeMs,
                                                    .grant_id = grant == nullptr ? "" : grant->id});
    set_field_of(request, "Authorization", "Bearer " + token);
}

void sign_hmac(const gateway::Credential& credential, TimeMs now, gateway::DebugRequest& request) {
    const auto& allowed = credential.allowed_algorithms;
    const auto first = std::ranges::find(allowed, true);
    if (first == allowed.end()) { return; }
    const auto algorithm = static_cast<crypto::HmacAlgorithm>(first - allowed.begin());
    const crypto::HmacKey& key = *credential.hmac_key(algorithm);
    const std::size_t path_end = std::min(request.target.find('?'), request.target.size());
    const std::string_view path = std::string_view(request.target).substr(0, path_end);
    const std::string_view query =
        std::string_view(request.target).substr(std::min(path_end + 1, request.target.size()));
    const std::string date = to_imf_fixdate(now);
    const std::string text =
        fmt::format("{}\n{}\n{}\n{}\n{}\n", request.method, path, query, credential.hmac.key, date);
    set_field_of(request, "X-HMAC-ACCESS-KEY", credential.hmac.key);
    set_field_of(request, "X-HMAC-ALGORITHM", std::string(name_of(algorithm)));
    set_field_of(request, "X-HMAC-DATE", date);
    set_field_of(request, "X-HMAC-SIGNATURE", to_base64(key.sign(text).view()));
    if (!request.body.empty()) {
        set_field_of(request, "X-HMAC-DIGEST", to_base64(key.sign(request.body).view()));
    }
}

}  // namespace

void sign(const Signing& signing, TimeMs now, gateway::DebugRequest& request) {
    const std::string_view kind = signing.service.routes.front()->auth_kind;
    if (kind == "basic") { sign_basic(signing.credential, request); }
    if (kind == "oauth2") { sign_oauth2(signing, now, request); }
    if (kind == "hmac") { sign_hmac(signing.credential, now, request); }
}

}  // namespace lintel::compiler
