// Who may call, as the data plane sees it. Part of the snapshot: immutable, shared by all workers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/flat_index.h"
#include "base/secret.h"
#include "crypto/hmac.h"

namespace lintel::gateway {

enum class PairKind : std::uint8_t { Basic, OAuth2, Hmac };
inline constexpr std::size_t kPairKinds = 3;

/// When the pairs of a credential last proved who calls, to the minute. Shared by the credential's
/// copies in all snapshots; written by the workers, read by whoever reports it.
class CredentialUse {
public:
    /// A store only when the minute is a new one. Of two workers at the turn of a minute the one
    /// before may win: it is told to the minute anyway.
    void note(PairKind kind, TimeMs now) {
        std::atomic<std::int64_t>& minute = minutes_[static_cast<std::size_t>(kind)];
        const std::int64_t current = now / kMinuteMs;
        if (minute.load(std::memory_order_relaxed) < current) {
            minute.store(current, std::memory_order_relaxed);
        }
    }
    /// The minute when it is later than what was reported before. For one thread.
    std::optional<TimeMs> report(PairKind kind) {
        const auto at = static_cast<std::size_t>(kind);
        const std::int64_t minute = minutes_[at].load(std::memory_order_relaxed);
        if (minute <= reported_[at]) { return std::nullopt; }
        reported_[at] = minute;
        return minute * kMinuteMs;
    }

private:
    static constexpr std::int64_t kMinuteMs = 60'000;

    std::array<std::atomic<std::int64_t>, kPairKinds> minutes_{};
    std::array<std::int64_t, kPairKinds> reported_{};
};

/// Which secret of a pair was given.
enum class SecretMatch : std::uint8_t { None, Previous, Current };

struct KeyPair {
    std::string key;
    Secret secret;
    Secret previous = {};       ///< opens beside it,
    TimeMs previous_until = 0;  ///< until then

    /// Looks at the previous secret only when the current one was not given, so pairs without one
    /// cost nothing.
    SecretMatch match(std::string_view given, TimeMs now) const {
        if (secret.equals(given)) { return SecretMatch::Current; }
        const bool is_previous = previous.equals(given) && now < previous_until;
        return is_previous ? SecretMatch::Previous : SecretMatch::None;
    }
};

/// Right to call: a service, or one api of it, in one environment or in all.
struct Grant {
    std::string service_id;
    std::string api_id;       ///< empty = every api of the service
    std::string environment;  ///< empty = every environment
    std::string id = {};
    TimeMs expires_at = 0;  ///< 0 = never

    bool is_over(TimeMs now) const { return expires_at != 0 && expires_at <= now; }
};

/// What a credential may do with an api. Expired: it could until a while ago.
enum class Right : std::uint8_t { None, Expired, Granted };

struct HmacOptions {
    bool encode_uri_params = true;         ///< false: canonical queries may be signed unencoded too
    std::chrono::seconds clock_skew{900};  ///< 0 = the date is not compared with the clock
    bool replay_guard = false;
    std::vector<std::string> signed_headers;  ///< which headers may be signed; empty = any
};

inline constexpr std::size_t kHmacAlgorithms = 3;

/// The keys that a secret signs with, one for each algorithm. Most of very many credentials never
/// sign, so a key takes the time and the memory of being made only when it is asked for. Any thread
/// may ask.
class HmacKeys {
public:
    HmacKeys() = default;
    /// The copy makes its own.
    HmacKeys(const HmacKeys&) {}
    HmacKeys& operator=(const HmacKeys& other);
    ~HmacKeys();

    /// `secret` is the same one at all times.
    const crypto::HmacKey& of(const Secret& secret, crypto::HmacAlgorithm algorithm) const;

private:
    void clear();

    mutable std::array<std::atomic<const crypto::HmacKey*>, kHmacAlgorithms> keys_{};
};

struct Credential {
    std::string id;
    std::string name;
    bool enabled = true;
    /// What its access tokens carry; those of the previous secret carry one less.
    std::uint64_t generation = 0;
    KeyPair basic;
    KeyPair oauth2;
    KeyPair hmac;
    HmacOptions hmac_options;
    std::array<bool, kHmacAlgorithms> allowed_algorithms{};  ///< what the hmac pair may sign with
    std::vector<Grant> grants;
    std::shared_ptr<CredentialUse> use = std::make_shared<CredentialUse>();  ///< never null

    /// Lets the hmac pair sign with the algorithm; its secrets must be there already.
    void allow(crypto::HmacAlgorithm algorithm);
    /// Null when the algorithm is not allowed.
    const crypto::HmacKey* hmac_key(crypto::HmacAlgorithm algorithm) const;
    /// The same for the previous secret; null also when there is none or its time is up.
    const crypto::HmacKey* previous_hmac_key(crypto::HmacAlgorithm algorithm, TimeMs now) const;
    /// Whether a token that carries the generation is good.
    bool honours(std::uint64_t token_generation, TimeMs now) const {
        return token_generation == generation ||
               (token_generation + 1 == generation && now < oauth2.previous_until);
    }
    Right right_to(std::string_view service_id, std::string_view api_id,
                   std::string_view environment, TimeMs now) const;
    /// The right to call the service or any api of it that lasts longest; null when there is none.
    const Grant* grant_for(std::string_view service_id, std::string_view environment,
                           TimeMs now) const;
    bool has_grant(std::string_view grant_id) const;

private:
    HmacKeys hmac_keys_;
    HmacKeys previous_hmac_keys_;
};

/// Every credential, found by the key of each kind. Keys are unique per kind over the installation.
class CredentialTable {
public:
    explicit CredentialTable(std::vector<std::shared_ptr<const Credential>> credentials);

    const Credential* by_basic_key(std::string_view key) const;
    const Credential* by_oauth2_key(std::string_view key) const;
    const Credential* by_hmac_key(std::string_view key) const;
    const Credential* by_id(std::string_view id) const;
    const std::vector<std::shared_ptr<const Credential>>& all() const { return all_; }

private:
    struct Slot {
        std::uint32_t tag = 0;
        const Credential* credential = nullptr;
    };
    using Index = FlatIndex<Slot>;

    std::vector<std::shared_ptr<const Credential>> all_;
    Index basic_;
    Index oauth2_;
    Index hmac_;
    Index ids_;
};

/// Who calls. Filled by the authenticator; without a credential for APIs that need none.
struct Principal {
    const Credential* credential = nullptr;
    std::string_view method;  ///< "basic", "oauth2", "hmac"; empty = anonymous
    PairKind pair = PairKind::Basic;
};

}  // namespace lintel::gateway
