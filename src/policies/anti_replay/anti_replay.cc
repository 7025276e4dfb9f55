// Admits each request once: it carries a nonce and the time it was made, and the nonce is
// remembered for as long as the time is acceptable.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "embedded/anti_replay_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/plugin.h"
#include "gateway/replay_guard.h"

namespace lintel::policies {

gateway::PolicyKind anti_replay();

namespace {

using gateway::Exchange;
using gateway::ReplayGuard;
using gateway::ReplayOutcome;
using gateway::Verdict;

constexpr std::string_view kName = "anti_replay";
constexpr std::string_view kNonceField = "X-Ca-Nonce";
constexpr std::string_view kTimeField = "X-Ca-Timestamp";
constexpr std::size_t kMinNonce = 8;
constexpr std::size_t kMaxNonce = 128;
constexpr std::size_t kMaxTimestamp = 11;  ///< digits: times until the year 5138
constexpr std::uint32_t kFullRetryS = 1;

/// What a request says about itself; a view is empty when the field is missing or stands twice.
struct Stamp {
    std::string_view nonce;
    std::string_view time;

    static Stamp of(const http::Fields& fields) {
        Stamp stamp;
        int nonces = 0;
        int times = 0;
        for (const http::Field& field : fields) {
            if (field.id != http::HeaderId::Other) { continue; }
            if (equals_ignoring_case(field.name, kNonceField)) {
                stamp.nonce = ++nonces == 1 ? field.value : std::string_view();
            } else if (equals_ignoring_case(field.name, kTimeField)) {
                stamp.time = ++times == 1 ? field.value : std::string_view();
            }
        }
        return stamp;
    }

    bool has_good_nonce() const {
        return nonce.size() >= kMinNonce && nonce.size() <= kMaxNonce &&
               std::ranges::all_of(nonce, [](char c) { return c > ' ' && c <= '~'; });
    }
    /// Whole seconds since 1970.
    std::optional<TimeMs> made_at() const {
        std::int64_t seconds = 0;
        const char* const last = time.data() + time.size();
        const auto [end, error] = std::from_chars(time.data(), last, seconds);
        const bool good = !time.empty() && time.size() <= kMaxTimestamp && error == std::errc() &&
                          end == last && seconds >= 0;
        return good ? std::optional<TimeMs>(seconds * 1000) : std::nullopt;
    }
};

/// Immutable but for what it remembers, which is shared by all workers and outlives the policy.
class AntiReplay final : public gateway::Policy {
public:
    AntiReplay(std::chrono::seconds window, std::shared_ptr<ReplayGuard> nonces, const Clock& clock)
        : window_(window),
          rule_(fmt::format("{} {} s", kName, window.count())),
          nonces_(std::move(nonces)),
          clock_(clock) {}

    Verdict on_request(Exchange& exchange) const override {
        const Stamp stamp = Stamp::of(exchange.request_fields());
        const std::optional<TimeMs> made_at = stamp.made_at();
        if (!made_at || !stamp.has_good_nonce()) { return refuse_stamp(exchange, stamp); }
        const TimeMs now = clock_.now_ms();
        const TimeMs away = now > *made_at ? now - *made_at : *made_at - now;
        if (away > std::chrono::milliseconds(window_).count()) {
            return refuse_time(exchange, now / 1000, stamp.time);
        }
        return admit_once(exchange, stamp, *made_at, now);
    }

private:
    /// A nonce is the caller's own: nobody else can use it up for him. Whatever time it came with,
    /// it is remembered for a window after it came.
    Verdict admit_once(Exchange& exchange, const Stamp& stamp, TimeMs made_at, TimeMs now) const {
        const gateway::Credential* const caller = exchange.principal.credential;
        switch (nonces_->admit(
            {.credential_id = caller == nullptr ? std::string_view() : std::string_view(caller->id),
             .signature = stamp.nonce,
             .body_digest = {},
             .date = made_at,
             .skew = 2 * window_},
            now)) {
            case ReplayOutcome::First: return Verdict::proceed();
            case ReplayOutcome::Replayed:
                return exchange.refuse({.code = Code::ReplayRepeated,
                                        .reason = "the nonce was used before",
                                        .rule = rule_,
                                        .got = stamp.nonce});
            case ReplayOutcome::Full: break;
        }
        return exchange.refuse({.code = Code::ReplayFull,
                                .reason = "no more nonces can be remembered",
                                .rule = rule_,
                                .retry_after_s = kFullRetryS});
    }

    Verdict refuse_stamp(Exchange& exchange, const Stamp& stamp) const {
        const bool bad_nonce = !stamp.has_good_nonce();
        return exchange.refuse(
            {.code = Code::ReplayUnmarked,
             .detail = bad_nonce ? "X-Ca-Nonce must be there once, with 8 to 128 visible characters"
                                 : "X-Ca-Timestamp must be there once, in whole seconds since 1970",
             .reason = bad_nonce ? "there is no usable nonce" : "there is no usable timestamp",
             .rule = rule_,
             .got = bad_nonce ? stamp.nonce : stamp.time});
    }

    Verdict refuse_time(Exchange& exchange, TimeMs now_s, std::string_view got) const {
        return exchange.refuse({.code = Code::ReplayOutsideWindow,
                                .reason = "the timestamp is too far from the gateway's clock",
                                .rule = rule_,
                                .expected = std::to_string(now_s),
                                .got = got});
    }

    std::chrono::seconds window_;
    std::string rule_;
    std::shared_ptr<ReplayGuard> nonces_;
    const Clock& clock_;
};

Result<std::unique_ptr<const gateway::Policy>> build(const data::Json& config,
                                                     const gateway::BuildContext& context) {
    constexpr std::int64_t kDefaultWindowS = 300;
    const std::chrono::seconds window(config.value("window_s", kDefaultWindowS));
    // Neither a publish nor a change of the window lets a nonce be used again.
    auto nonces = context.counters.nonces(
        fmt::format("{}/{}/{}", context.service_id, context.api_id, context.environment));
    return std::make_unique<const AntiReplay>(window, std::move(nonces), context.clock);
}

}  // namespace

gateway::PolicyKind anti_replay() {
    return {.name = kName,
            .phase = gateway::Phase::Authorize,
            .schema = embedded::anti_replay_schema_json,
            .build = build};
}

}  // namespace lintel::policies
