#include "model/credential.h"

#include <algorithm>

#include "model/application.h"
#include "model/fields.h"
#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<KeyPairType, 3> kPairTypes{
    {{KeyPairType::Basic, "basic"}, {KeyPairType::OAuth2, "oauth2"}, {KeyPairType::Hmac, "hmac"}}};
constexpr Names<CredentialStatus, 2> kCredentialStatuses{
    {{CredentialStatus::Enabled, "enabled"}, {CredentialStatus::Disabled, "disabled"}}};
constexpr Names<HmacAlgorithm, 3> kHmacAlgorithms{{{HmacAlgorithm::Sha1, "hmac-sha1"},
                                                   {HmacAlgorithm::Sha256, "hmac-sha256"},
                                                   {HmacAlgorithm::Sha512, "hmac-sha512"}}};
constexpr int kMaxClockSkewS = 86'400;
constexpr std::size_t kMaxSignedHeaders = 50;

}  // namespace

std::string_view name(KeyPairType type) {
    return name_of(kPairTypes, type);
}
std::optional<KeyPairType> parse_key_pair_type(std::string_view text) {
    return value_of(kPairTypes, text);
}
std::string_view name(CredentialStatus status) {
    return name_of(kCredentialStatuses, status);
}
std::optional<CredentialStatus> parse_credential_status(std::string_view text) {
    return value_of(kCredentialStatuses, text);
}
std::string_view name(HmacAlgorithm algorithm) {
    return name_of(kHmacAlgorithms, algorithm);
}
std::optional<HmacAlgorithm> parse_hmac_algorithm(std::string_view text) {
    return value_of(kHmacAlgorithms, text);
}

Change change_of(const CredentialOwner& owner) {
    return {.kind = Change::Kind::Credentials,
            .service_id = owner.service_id,
            .user_id = owner.user_id};
}

const KeyPair& Credential::pair(KeyPairType type) const {
    switch (type) {
        case KeyPairType::OAuth2: return oauth2;
        case KeyPairType::Hmac: return hmac;
        case KeyPairType::Basic: break;
    }
    return basic;
}

KeyPair& Credential::pair(KeyPairType type) {
    return const_cast<KeyPair&>(std::as_const(*this).pair(type));
}

bool Grant::overlaps(const std::vector<EnvironmentId>& others) const {
    return environments.empty() || others.empty() ||
           std::ranges::find_first_of(environments, others) != environments.end();
}

data::Json to_json(const HmacOptions& options) {
    data::Json algorithms = data::Json::array();
    for (const HmacAlgorithm algorithm : options.algorithms) {
        algorithms.push_back(std::string(name(algorithm)));
    }
    return {{"algorithms", algorithms},
            {"encode_uri_params", options.encode_uri_params},
            {"clock_skew_s", options.clock_skew_s},
            {"replay_guard", options.replay_guard},
            {"signed_headers", options.signed_headers}};
}

Result<HmacOptions> hmac_options_from_json(const data::Json& json, std::string_view pointer) {
    std::vector<Fault> faults;
    Fields fields(json, std::string(pointer), faults);
    HmacOptions options;
    if (fields.has("algorithms")) {
        options.algorithms.clear();
        for (const std::string& text : fields.texts("algorithms")) {
            if (const auto algorithm = parse_hmac_algorithm(text)) {
                options.algorithms.push_back(*algorithm);
            } else {
                fields.fault("algorithms", "field.choice",
                             "may list hmac-sha1, hmac-sha256 and hmac-sha512");
            }
        }
        if (options.algorithms.empty()) {
            fields.fault("algorithms", "field.count", "must list at least one algorithm");
        }
    }
    options.encode_uri_params = fields.flag("encode_uri_params", true);
    const std::int64_t skew = fields.integer("clock_skew_s", options.clock_skew_s);
    if (skew < 0 || skew > kMaxClockSkewS) {
        fields.fault("clock_skew_s", "field.range",
                     "must be from 0 (not checked) to 86400 seconds");
    } else {
        options.clock_skew_s = static_cast<int>(skew);
    }
    options.replay_guard = fields.flag("replay_guard", false);
    options.signed_headers = fields.texts("signed_headers");
    if (options.signed_headers.size() > kMaxSignedHeaders) {
        fields.fault("signed_headers", "field.count", "may list at most 50 names");
    }
    fields.done();
    if (!faults.empty()) {
        return fail({.code = Code::FieldInvalid,
                     .message = "the HMAC options are not valid",
                     .faults = std::move(faults)});
    }
    return options;
}

std::map<std::string, std::string> attributes_from_json(const data::Json& json) {
    std::map<std::string, std::string> attributes;
    for (const auto& attribute : json.items()) {
        attributes.emplace(attribute.key(), attribute.value().get<std::string>());
    }
    return attributes;
}

data::Json to_json(const Credential& credential) {
    data::Json keys = data::Json::object();
    TimeMs last_used_at = 0;
    for (const KeyPairType type : kKeyPairTypes) {
        const KeyPair& pair = credential.pair(type);
        keys[std::string(name(type))] = {{"key", pair.key},
                                         {"previous_until", time_or_null(pair.previous_until)},
                                         {"last_used_at", time_or_null(pair.last_used_at)}};
        last_used_at = std::max(last_used_at, pair.last_used_at);
    }
    return {{"id", credential.id.str()},
            {"name", credential.name},
            {"description", credential.description},
            {"status", std::string(name(credential.status))},
            {"attributes", credential.attributes},
            {"keys", keys},
            {"hmac_options", to_json(credential.hmac_options)},
            {"last_used_at", time_or_null(last_used_at)},
            {"version", credential.version},
            {"created_at", to_rfc3339(credential.created_at)},
            {"created_by", credential.created_by},
            {"updated_at", to_rfc3339(credential.updated_at)}};
}

data::Json secrets_to_json(const Credential& credential) {
    data::Json keys = data::Json::object();
    for (const KeyPairType type : kKeyPairTypes) {
        const KeyPair& pair = credential.pair(type);
        if (pair.secret.empty()) { continue; }
        keys[std::string(name(type))] = {{"key", pair.key},
                                         {"secret", std::string(pair.secret.reveal())}};
    }
    return keys;
}

}  // namespace lintel::model
