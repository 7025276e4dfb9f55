// The token endpoint: exchanges an OAuth2 key pair for an access token (RFC 6749 section 4.4, and
// the GET form with the pair in the query). Answers in the JSON of that RFC, not as problems.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "auth/auth.h"
#include "auth/basic_credentials.h"
#include "base/text.h"
#include "crypto/keys.h"
#include "data/json.h"
#include "data/parameter_style.h"
#include "gateway/exchange.h"
#include "gateway/snapshot.h"
#include "gateway/token.h"

namespace lintel::auth {
namespace {

using gateway::Credential;
using gateway::Exchange;
using gateway::Verdict;
using http::HeaderId;

constexpr std::string_view kPath = "/-/oauth2/token";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kChallenge = "Basic realm=\"lintel\", charset=\"UTF-8\"";
constexpr std::uint64_t kMaxForm = 16'384;
constexpr std::size_t kMaxPairs = 100;

/// An error answer of RFC 6749 section 5.2.
struct TokenError {
    int status = 400;
    std::string_view error;
    std::string_view description;
};

constexpr TokenError invalid_request(std::string_view description) {
    return {400, "invalid_request", description};
}

enum Parameter : std::size_t { ClientId, ClientSecret, GrantType, kParameterCount };

/// Which parameter a name stands for; clients in the field use several, one of them misspelt.
std::optional<Parameter> parameter_named(std::string_view name) {
    struct Alias {
        std::string_view name;
        Parameter parameter;
    };
    static constexpr auto kAliases = std::to_array<Alias>({
        {"client_id", ClientId},
        {"ak", ClientId},
        {"key", ClientId},
        {"client_secret", ClientSecret},
        {"client_sectet", ClientSecret},
        {"sk", ClientSecret},
        {"secret", ClientSecret},
        {"grant_type", GrantType},
    });
    for (const Alias& alias : kAliases) {
        if (alias.name == name) { return alias.parameter; }
    }
    return std::nullopt;
}

/// What the client asks with.
struct TokenRequest {
    std::string client_id;
    Secret client_secret;
    /// The same as they stood in a Basic header, where clients may or may not have form-encoded
    /// them (RFC 6749 section 2.3.1 asks for it, many do not).
    std::string raw_id;
    Secret raw_secret;
};

using Parameters = std::array<std::optional<std::string>, kParameterCount>;

std::expected<Parameters, TokenError> read_parameters(std::string_view text) {
    const auto pairs = data::split_query(text, kMaxPairs);
    if (!pairs) { return std::unexpected(invalid_request("there are too many parameters")); }
    Parameters parameters;
    for (const data::RawPair& pair : *pairs) {
        const auto parameter = parameter_named(data::percent_decode(pair.name, true));
        if (!parameter) { continue; }
        if (parameters[*parameter]) {
            return std::unexpected(invalid_request("a parameter was sent more than once"));
        }
        parameters[*parameter] = data::percent_decode(pair.value, true);
    }
    return parameters;
}

std::expected<TokenRequest, TokenError> from_parameters(const Parameters& parameters) {
    const std::string id = parameters[ClientId].value_or("");
    const std::string secret = parameters[ClientSecret].value_or("");
    if (id.empty() || secret.empty()) {
        return std::unexpected(invalid_request("client_id and client_secret are required"));
    }
    return TokenRequest{id, Secret(secret), id, Secret(secret)};
}

std::expected<TokenRequest, TokenError> from_basic(std::string_view encoded) {
    const std::optional<UserPassword> given = read_basic(encoded);
    if (!given || given->user.empty() || given->password.empty()) {
        return std::unexpected(
            invalid_request("Authorization is not padded base64 of client_id:client_secret"));
    }
    return TokenRequest{data::percent_decode(given->user, true),
                        Secret(data::percent_decode(given->password.reveal(), true)), given->user,
                        given->password};
}

bool is_form(std::string_view content_type) {
    return equals_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), kFormType);
}

/// Immutable; shared by all workers.
class TokenEndpoint final : public gateway::ReservedEndpoint {
public:
    TokenEndpoint(const gateway::TokenSealer& tokens, const Clock& clock)
        : tokens_(tokens), clock_(clock) {}

    std::string_view path() const override { return kPath; }

    Task<Verdict> answer(Exchange& exchange) const override {
        const bool by_get = exchange.service->token_by_get;
        const std::string_view method = exchange.inbound.head.method;
        if (method == "GET" && by_get) {
            respond(exchange, read_get(exchange));
            co_return Verdict::proceed();
        }
        if (method != "POST") {
            co_return exchange.refuse({.code = Code::RouteMethodNotAllowed,
                                       .rule = "token endpoint",
                                       .allow = by_get ? "GET, POST" : "POST"});
        }
        const http::Field* type = exchange.request_fields().find(HeaderId::ContentType);
        if (type == nullptr || !is_form(type->value)) {
            respond(exchange, std::unexpected(invalid_request(
                                  "the body must be application/x-www-form-urlencoded")));
            co_return Verdict::proceed();
        }
        const Result<std::string_view> body = co_await exchange.whole_body(kMaxForm);
        if (!body) { co_return exchange.refuse(body.error().code, body.error().message); }
        respond(exchange, read_post(exchange, *body));
        co_return Verdict::proceed();
    }

private:
    using Read = std::expected<TokenRequest, TokenError>;

    static Read read_get(const Exchange& exchange) {
        const auto parameters = read_parameters(exchange.raw_query);
        if (!parameters) { return std::unexpected(parameters.error()); }
        const std::optional<std::string>& grant = (*parameters)[GrantType];
        if (grant && *grant != "client_credentials") { return std::unexpected(kWrongGrant); }
        return from_parameters(*parameters);
    }

    static Read read_post(const Exchange& exchange, std::string_view body) {
        const auto parameters = read_parameters(body);
        if (!parameters) { return std::unexpected(parameters.error()); }
        const std::string grant = (*parameters)[GrantType].value_or("");
        if (grant.empty()) { return std::unexpected(invalid_request("grant_type is required")); }
        if (grant != "client_credentials") { return std::unexpected(kWrongGrant); }
        const http::Fields& fields = exchange.request_fields();
        const http::Field* authorization = fields.find(HeaderId::Authorization);
        if (authorization == nullptr) { return from_parameters(*parameters); }
        if (fields.count(HeaderId::Authorization) > 1 || (*parameters)[ClientSecret]) {
            return std::unexpected(invalid_request("send the client's secret in one place only"));
        }
        const auto encoded = after_scheme(authorization->value, "Basic");
        if (!encoded) {
            return std::unexpected(invalid_request("Authorization must have the scheme Basic"));
        }
        return from_basic(*encoded);
    }

    void respond(Exchange& exchange, const Read& request) const {
        if (!request) { return respond_error(exchange, request.error()); }
        const TimeMs now = clock_.now_ms();
        const auto [credential, match] = authenticated(exchange, *request, now);
        const gateway::CompiledService& service = *exchange.service;
        const gateway::Grant* grant =
            credential == nullptr ? nullptr
                                  : credential->grant_for(service.id, service.environment, now);
        if (grant == nullptr) {
            return respond_error(
                exchange, {401, "invalid_client", "the client is unknown or its secret is wrong"});
        }
        // A token of the previous secret dies with it.
        const bool is_current = match == gateway::SecretMatch::Current;
        const std::int64_t left_s = (credential->oauth2.previous_until - now) / 1000;
        const std::int64_t lifetime_s =
            is_current ? service.token_lifetime_s : std::min(service.token_lifetime_s, left_s);
        const std::string token =
            tokens_.issue({.credential_id = credential->id,
                           .generation = credential->generation - (is_current ? 0U : 1U),
                           .service_id = service.id,
                           .environment = service.environment,
                           .expires_at = now + lifetime_s * 1000,
                           .grant_id = grant->id});
        exchange.principal = {credential, "oauth2", gateway::PairKind::OAuth2};
        respond_json(
            exchange, 200,
            {{"access_token", token}, {"token_type", "Bearer"}, {"expires_in", lifetime_s}});
    }

    struct Client {
        const Credential* credential = nullptr;
        gateway::SecretMatch match = gateway::SecretMatch::None;
    };

    /// Null when key, secret or state of the client are not good; the caller does not learn which.
    Client authenticated(const Exchange& exchange, const TokenRequest& request, TimeMs now) const {
        const gateway::CredentialTable& table = exchange.snapshot.credentials();
        const Credential* credential = table.by_oauth2_key(request.client_id);
        if (credential == nullptr) { credential = table.by_oauth2_key(request.raw_id); }
        const gateway::KeyPair& pair = credential == nullptr ? nobody_ : credential->oauth2;
        const auto as_decoded = pair.match(request.client_secret.reveal(), now);
        const auto as_sent = pair.match(request.raw_secret.reveal(), now);
        const auto match = std::max(as_decoded, as_sent);
        if (credential == nullptr || match == gateway::SecretMatch::None || !credential->enabled) {
            return {};
        }
        return {credential, match};
    }

    static void respond_error(Exchange& exchange, const TokenError& error) {
        if (error.status == 401) { exchange.response.fields.add("WWW-Authenticate", kChallenge); }
        respond_json(exchange, error.status,
                     {{"error", error.error}, {"error_description", error.description}});
    }

    static void respond_json(Exchange& exchange, int status, const data::Json& body) {
        gateway::Response& response = exchange.response;
        response.status = status;
        response.fields.add("Content-Type", "application/json");
        response.fields.add("Cache-Control", "no-store");
        response.fields.add("Pragma", "no-cache");
        response.body = exchange.arena().copy(data::dump(body));
    }

    static constexpr TokenError kWrongGrant{400, "unsupported_grant_type",
                                            "grant_type must be client_credentials"};

    const gateway::TokenSealer& tokens_;
    const Clock& clock_;
    gateway::KeyPair nobody_{.key = {}, .secret = crypto::make_secret()};
};

}  // namespace

std::unique_ptr<const gateway::ReservedEndpoint> token_endpoint(const gateway::TokenSealer& tokens,
                                                                const Clock& clock) {
    return std::make_unique<const TokenEndpoint>(tokens, clock);
}

}  // namespace lintel::auth
