// Key and secret of the Basic key pair as user and password (RFC 7617).
#include <optional>

#include "auth/basic_credentials.h"
#include "crypto/keys.h"
#include "embedded/basic_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "gateway/snapshot.h"

namespace lintel::auth {

gateway::AuthKind basic();

namespace {

using gateway::Credential;
using gateway::Exchange;
using gateway::Verdict;
using http::HeaderId;

constexpr std::string_view kChallenge = "Basic realm=\"lintel\", charset=\"UTF-8\"";

/// Stands in for unknown keys, so that those cost the same as a wrong secret. Its own dies with the
/// process.
const gateway::KeyPair& nobodys_pair() {
    static const gateway::KeyPair pair{.key = {}, .secret = crypto::make_secret()};
    return pair;
}

/// Immutable; shared by all workers.
class Basic final : public gateway::Authenticator {
public:
    Task<Verdict> authenticate(Exchange& exchange) const override { co_return check(exchange); }

private:
    Verdict check(Exchange& exchange) const {
        const http::Fields& fields = exchange.request_fields();
        if (fields.count(HeaderId::Authorization) > 1) {
            return exchange.refuse({.code = Code::AuthDuplicate, .rule = "auth basic"});
        }
        const http::Field* field = fields.find(HeaderId::Authorization);
        const std::optional<std::string_view> encoded =
            field == nullptr ? std::nullopt : after_scheme(field->value, "Basic");
        if (!encoded) {
            return refuse(exchange, Code::AuthMissing,
                          field == nullptr ? "no Authorization header"
                                           : "Authorization has another scheme than Basic");
        }
        const std::optional<UserPassword> given = read_basic(*encoded);
        if (!given) {
            return refuse(exchange, Code::AuthInvalid,
                          "Authorization is not padded base64 of key:secret");
        }
        const Credential* credential = exchange.snapshot.credentials().by_basic_key(given->user);
        const gateway::KeyPair& pair = credential == nullptr ? nobodys_pair() : credential->basic;
        const bool right = pair.match(given->password.reveal(), exchange.received_at) !=
                           gateway::SecretMatch::None;
        if (credential == nullptr) { return refuse(exchange, Code::AuthInvalid, "unknown key"); }
        if (!right) { return refuse(exchange, Code::AuthInvalid, "wrong secret"); }
        if (!credential->enabled) {
            return refuse(exchange, Code::AuthInvalid, "the credential is disabled");
        }
        exchange.hide_field(HeaderId::Authorization);
        exchange.principal = {credential, "basic", gateway::PairKind::Basic};
        return Verdict::proceed();
    }

    static Verdict refuse(Exchange& exchange, Code code, std::string_view reason) {
        return exchange.refuse(
            {.code = code, .reason = reason, .rule = "auth basic", .www_authenticate = kChallenge});
    }
};

Result<std::unique_ptr<const gateway::Authenticator>> build(const data::Json&,
                                                            const gateway::BuildContext&) {
    return std::make_unique<const Basic>();
}

}  // namespace

gateway::AuthKind basic() {
    return {.name = "basic", .schema = embedded::basic_schema_json, .build = build};
}

}  // namespace lintel::auth
