// Access tokens of the token endpoint, in the Authorization header or in the query (RFC 6750).
#include <algorithm>
#include <optional>
#include <string>

#include "auth/basic_credentials.h"
#include "data/parameter_style.h"
#include "embedded/oauth2_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "gateway/snapshot.h"
#include "gateway/token.h"

namespace lintel::auth {

gateway::AuthKind oauth2();

namespace {

using gateway::Exchange;
using gateway::TokenFault;
using gateway::Verdict;
using http::HeaderId;

constexpr std::string_view kQueryName = "access_token";
constexpr std::string_view kMissingChallenge = "Bearer realm=\"lintel\"";
constexpr std::string_view kInvalidChallenge =
    "Bearer error=\"invalid_token\", error_description=\"The token is not valid\", "
    "realm=\"lintel\"";
constexpr std::string_view kScopeChallenge =
    "Bearer error=\"insufficient_scope\", error_description=\"The token is for another service "
    "or environment\", realm=\"lintel\"";

/// The access tokens of a query: how many, and the first one, decoded.
struct QueryTokens {
    std::size_t count = 0;
    std::string first;
};

QueryTokens read_query(std::string_view query) {
    QueryTokens found;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        // Decoded first: what a backend would read as the token must not slip through to it.
        if (data::percent_decode(pair.substr(0, equals), true) != kQueryName) { continue; }
        if (found.count++ == 0) {
            found.first =
                data::percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
        }
    }
    return found;
}

/// Immutable; shared by all workers.
class OAuth2 final : public gateway::Authenticator {
public:
    explicit OAuth2(const gateway::BuildContext& context)
        : tokens_(context.tokens), clock_(context.clock) {}

    Task<Verdict> authenticate(Exchange& exchange) const override { co_return check(exchange); }

private:
    Verdict check(Exchange& exchange) const {
        const http::Fields& fields = exchange.request_fields();
        const http::Field* field = fields.find(HeaderId::Authorization);
        const std::optional<std::string_view> bearer =
            field == nullptr ? std::nullopt : after_scheme(field->value, "Bearer");
        const QueryTokens in_query = read_query(exchange.raw_query);
        if (in_query.count > 0) { exchange.hidden_query_name = kQueryName; }
        if (fields.count(HeaderId::Authorization) > 1 || in_query.count + (bearer ? 1U : 0U) > 1) {
            return exchange.refuse({.code = Code::AuthDuplicate,
                                    .reason = "more than one access token",
                                    .rule = "auth oauth2"});
        }
        if (!bearer && in_query.count == 0) {
            return refuse(exchange, Code::AuthMissing, "no access token", kMissingChallenge);
        }
        const gateway::CompiledService& service = *exchange.service;
        const auto verified = tokens_.verify(bearer ? *bearer : std::string_view(in_query.first),
                                             {.credentials = exchange.snapshot.credentials(),
                                              .service_id = service.id,
                                              .environment = service.environment,
                                              .now = clock_.now_ms()});
        if (!verified) { return refuse(exchange, verified.error()); }
        if (bearer) { exchange.hide_field(HeaderId::Authorization); }
        exchange.principal = {*verified, "oauth2", gateway::PairKind::OAuth2};
        return Verdict::proceed();
    }

    static Verdict refuse(Exchange& exchange, TokenFault fault) {
        // A token of another service is a good token: its bearer is known, but has no right here.
        const bool known = fault == TokenFault::OtherService;
        return refuse(exchange, known ? Code::AuthorizeNoGrant : Code::AuthInvalid, text_of(fault),
                      known ? kScopeChallenge : kInvalidChallenge);
    }

    static Verdict refuse(Exchange& exchange, Code code, std::string_view reason,
                          std::string_view challenge) {
        return exchange.refuse(
            {.code = code, .reason = reason, .rule = "auth oauth2", .www_authenticate = challenge});
    }

    const gateway::TokenSealer& tokens_;
    const Clock& clock_;
};

Result<std::unique_ptr<const gateway::Authenticator>> build(const data::Json&,
                                                            const gateway::BuildContext& context) {
    return std::make_unique<const OAuth2>(context);
}

}  // namespace

gateway::AuthKind oauth2() {
    return {.name = "oauth2", .schema = embedded::oauth2_schema_json, .build = build};
}

}  // namespace lintel::auth
