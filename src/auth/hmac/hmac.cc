// The HMAC signature of the "hmac-auth" family: method, path, query, key, date and chosen headers
// under the secret of the caller's key pair. Every way through a request with a signature does the
// same work, whether key, secret or signature is wrong.
#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "auth/hmac/candidates.h"
#include "auth/hmac/presented.h"
#include "base/text.h"
#include "crypto/keys.h"
#include "embedded/hmac_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "gateway/replay_guard.h"
#include "gateway/snapshot.h"

namespace lintel::auth {

gateway::AuthKind hmac();

namespace {

using crypto::HmacAlgorithm;
using gateway::Credential;
using gateway::Exchange;
using gateway::Refusal;
using gateway::Verdict;

constexpr std::string_view kChallenge = "HMAC realm=\"lintel\"";
constexpr std::uint32_t kFullGuardRetryS = 60;

struct Config {
    bool replay_guard = false;
    bool require_body_digest = false;
};

/// A request and what its signature turned out to be.
struct Checked {
    const Credential* credential = nullptr;  ///< null when anything was wrong
    std::string reason;                      ///< then: what
    const crypto::HmacKey* key = nullptr;    ///< that of the secret it was signed with
    std::string_view signature;              ///< raw bytes
    TimeMs date = 0;
    std::chrono::seconds skew{0};
};

bool changes_something(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

/// The texts a signature covers, ready to be put together with each spelling of path and query.
struct SigningText {
    std::string_view head;  ///< method and line feed
    Spellings paths;
    Spellings queries;
    std::string_view tail;  ///< from the line feed after the query to the last one

    std::string expected() const {
        return fmt::format("{}{}\n{}{}", head, paths.texts()[0], queries.texts()[0], tail);
    }
};

/// Stands in for unknown access keys and algorithms that are not allowed, so that those cost the
/// same. Its secret dies with the process.
const crypto::HmacKey& nobodys_key(HmacAlgorithm algorithm) {
    static const Secret secret = crypto::make_secret();
    static const std::array<crypto::HmacKey, 3> keys{
        crypto::HmacKey(HmacAlgorithm::Sha1, secret),
        crypto::HmacKey(HmacAlgorithm::Sha256, secret),
        crypto::HmacKey(HmacAlgorithm::Sha512, secret)};
    return keys[static_cast<std::size_t>(algorithm)];
}

/// Verifies signatures for one API. Immutable; shared by all workers.
class Hmac final : public gateway::Authenticator {
public:
    Hmac(Config config, const gateway::BuildContext& context)
        : config_(config), clock_(context.clock), replay_guard_(context.replay_guard) {}

    Task<Verdict> authenticate(Exchange& exchange) const override {
        const auto presented = read_presented(exchange.request_fields());
        if (!presented) { co_return refuse(exchange, presented.error()); }
        const SignedHeaders headers = read_signed_headers(
            presented->signed_headers, exchange.request_fields(), exchange.arena());
        if (headers.duplicated) {
            co_return refuse(exchange, {.code = Code::AuthDuplicate,
                                        .detail = "A signed header was sent more than once",
                                        .reason = "a signed header was sent more than once"});
        }
        const Credential* credential =
            exchange.snapshot.credentials().by_hmac_key(presented->access_key);
        const SigningText text = signing_text(exchange, *presented, credential, headers.lines);
        Checked checked = check(*presented, credential, headers, text, exchange);
        if (checked.credential == nullptr) {
            co_return refuse_invalid(exchange, *presented, checked, text);
        }
        std::string_view digest;
        if (!presented->digest.empty()) {
            const Result<std::string_view> body =
                co_await exchange.whole_body(exchange.body_limit());
            if (!body) {
                co_return exchange.refuse(body.error().code, body.error().message,
                                          body.error().cause);
            }
            digest = from_base64(presented->digest, exchange.arena()).value_or("");
            if (!constant_time_equal(checked.key->sign(*body).view(), digest)) {
                checked.reason = "X-HMAC-DIGEST does not match the body";
                co_return refuse_invalid(exchange, *presented, checked, text);
            }
        } else if (config_.require_body_digest && has_body_to_protect(exchange)) {
            co_return refuse(exchange, {.code = Code::AuthMissing,
                                        .detail = "X-HMAC-DIGEST is missing",
                                        .reason = "the API requires X-HMAC-DIGEST"});
        }
        const Verdict first = first_use(exchange, checked, digest);
        if (!first.proceeds()) { co_return first; }
        exchange.inbound.head.fields.remove_if(carries_signature);
        exchange.principal = {checked.credential, "hmac", gateway::PairKind::Hmac};
        co_return Verdict::proceed();
    }

private:
    static Verdict refuse(Exchange& exchange, Refusal refusal) {
        if (refusal.code != Code::AuthDuplicate) { refusal.www_authenticate = kChallenge; }
        refusal.rule = "auth hmac";
        return exchange.refuse(refusal);
    }

    /// One answer for every wrong key, secret, signature, date and digest; the reason is for the
    /// owner, and for callers where the service explains refusals.
    static Verdict refuse_invalid(Exchange& exchange, const Presented& presented,
                                  const Checked& checked, const SigningText& text) {
        const std::string expected = text.expected();
        return refuse(exchange, {.code = Code::AuthInvalid,
                                 .reason = checked.reason,
                                 .expected = expected,
                                 .got = presented.signature});
    }

    static SigningText signing_text(Exchange& exchange, const Presented& presented,
                                    const Credential* credential, std::string_view header_lines) {
        Arena& arena = exchange.arena();
        const bool encoded_only =
            credential == nullptr || credential->hmac_options.encode_uri_params;
        return {
            .head = arena.concat({exchange.inbound.head.method, "\n"}),
            .paths = path_spellings(exchange.raw_path, arena),
            .queries = query_spellings(
                exchange.raw_query,
                encoded_only ? CanonicalQuery::EncodedOnly : CanonicalQuery::AlsoUnencoded, arena),
            .tail = arena.concat(
                {"\n", presented.access_key, "\n", presented.date, "\n", header_lines}),
        };
    }

    /// `credential` is null for an unknown access key.
    Checked check(const Presented& presented, const Credential* credential,
                  const SignedHeaders& headers, const SigningText& text, Exchange& exchange) const {
        const std::optional<HmacAlgorithm> algorithm =
            crypto::parse_hmac_algorithm(presented.algorithm);
        const bool may_match = credential != nullptr && algorithm.has_value();
        const crypto::HmacKey* own_key = may_match ? credential->hmac_key(*algorithm) : nullptr;
        const crypto::HmacKey& nobody = nobodys_key(algorithm.value_or(HmacAlgorithm::Sha256));

        Checked checked;
        checked.signature = from_base64(presented.signature, exchange.arena()).value_or("");
        checked.key = own_key != nullptr ? own_key : &nobody;
        bool matches = any_matches(*checked.key, text, checked.signature);
        if (!matches) {
            // Tried whether there is a previous secret or not: nobody else is to tell.
            const crypto::HmacKey* previous =
                may_match ? credential->previous_hmac_key(*algorithm, exchange.received_at)
                          : nullptr;
            checked.key = previous != nullptr ? previous : &nobody;
            matches = any_matches(*checked.key, text, checked.signature);
        }
        // From here on only the owner can tell the cases apart.
        if (credential == nullptr) {
            checked.reason = "unknown access key";
        } else if (!credential->enabled) {
            checked.reason = "the credential is disabled";
        } else if (own_key == nullptr) {
            checked.reason = "the algorithm is not allowed for this credential";
        } else if (!headers.fault.empty()) {
            checked.reason = headers.fault;
        } else if (!may_sign(*credential, presented.signed_headers)) {
            checked.reason = "a header is signed that the credential may not sign";
        } else if (checked.signature.empty()) {
            checked.reason = "the signature is not padded base64";
        } else if (!matches) {
            checked.reason = "the signature does not match";
        } else if (is_date_good(*credential, presented.date, checked)) {
            checked.credential = credential;
        }
        return checked;
    }

    /// Tries every spelling and never stops early.
    static bool any_matches(const crypto::HmacKey& key, const SigningText& text,
                            std::string_view signature) {
        bool matches = false;
        for (const std::string_view path : text.paths.texts()) {
            for (const std::string_view query : text.queries.texts()) {
                const std::array<std::string_view, 5> parts{text.head, path, "\n", query,
                                                            text.tail};
                const crypto::Mac mac = key.sign(parts);
                const bool equal = constant_time_equal(mac.view(), signature);
                matches = matches | equal;
            }
        }
        return matches;
    }

    static bool may_sign(const Credential& credential, std::string_view list) {
        const std::vector<std::string>& allowed = credential.hmac_options.signed_headers;
        if (allowed.empty() || list.empty()) { return true; }
        return std::ranges::all_of(split(list, ';'), [&](std::string_view name) {
            return std::ranges::any_of(allowed, [&](const std::string& other) {
                return equals_ignoring_case(trim(name), other);
            });
        });
    }

    /// Fills date and skew; else the reason.
    bool is_date_good(const Credential& credential, std::string_view text, Checked& checked) const {
        const std::optional<TimeMs> date = parse_imf_fixdate(text);
        if (!date) {
            checked.reason = "the date is not of the form 'Fri, 20 Nov 2026 08:30:00 GMT'";
            return false;
        }
        checked.date = *date;
        checked.skew = credential.hmac_options.clock_skew;
        if (checked.skew.count() == 0 && guards(credential)) {
            // A guard cannot remember for ever: it needs a date that gets old.
            checked.skew = gateway::ReplayGuard::kShortestMemory;
        }
        const TimeMs apart = std::abs(clock_.now_ms() - *date);
        if (checked.skew.count() == 0 || apart <= std::chrono::milliseconds(checked.skew).count()) {
            return true;
        }
        checked.reason = fmt::format(
            "the date is {} s away from the gateway's clock, {} s are "
            "allowed",
            apart / 1000, checked.skew.count());
        return false;
    }

    bool guards(const Credential& credential) const {
        return config_.replay_guard || credential.hmac_options.replay_guard;
    }

    static bool has_body_to_protect(const Exchange& exchange) {
        const std::string_view method = exchange.inbound.head.method;
        return exchange.inbound.body != nullptr || method == "POST" || method == "PUT" ||
               method == "PATCH";
    }

    Verdict first_use(Exchange& exchange, const Checked& checked, std::string_view digest) const {
        if (!guards(*checked.credential) || !changes_something(exchange.inbound.head.method)) {
            return Verdict::proceed();
        }
        const gateway::SignedRequest request{.credential_id = checked.credential->id,
                                             .signature = checked.signature,
                                             .body_digest = digest,
                                             .date = checked.date,
                                             .skew = checked.skew};
        switch (replay_guard_.admit(request, clock_.now_ms())) {
            case gateway::ReplayOutcome::First: return Verdict::proceed();
            case gateway::ReplayOutcome::Replayed:
                return refuse(exchange, {.code = Code::AuthReplayed,
                                         .reason = "the signature was used before"});
            case gateway::ReplayOutcome::Full:
                return exchange.refuse({.code = Code::GatewayOverloaded,
                                        .reason = "the replay guard is full",
                                        .rule = "auth hmac",
                                        .retry_after_s = kFullGuardRetryS});
        }
        std::abort();
    }

    Config config_;
    const Clock& clock_;
    gateway::ReplayGuard& replay_guard_;
};

Result<bool> read_flag(const data::Json& config, std::string_view name) {
    const data::Json* flag = data::find(config, name);
    if (flag == nullptr) { return false; }
    if (flag->is_boolean()) { return flag->get<bool>(); }
    return fail({.code = Code::FieldInvalid,
                 .message = "the settings of the HMAC authentication are not valid",
                 .faults = {{"/" + std::string(name), "schema.type", "must be true or false"}}});
}

Result<std::unique_ptr<const gateway::Authenticator>> build(const data::Json& config,
                                                            const gateway::BuildContext& context) {
    Config read;
    ASSIGN_OR_RETURN(read.replay_guard, read_flag(config, "replay_guard"));
    ASSIGN_OR_RETURN(read.require_body_digest, read_flag(config, "require_body_digest"));
    return std::make_unique<const Hmac>(read, context);
}

}  // namespace

gateway::AuthKind hmac() {
    return {.name = "hmac", .schema = embedded::hmac_schema_json, .build = build};
}

}  // namespace lintel::auth
