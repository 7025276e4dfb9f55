// OAuth2 access tokens. A token is sealed text that says whose it is and what it opens, so nothing
// is kept for it: raising the credential's generation kills every token issued before, and taking a
// grant back those issued by it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/seal.h"
#include "gateway/credential.h"

namespace lintel::gateway {

/// What an access token says.
struct AccessToken {
    std::string credential_id;
    std::uint64_t generation = 0;
    std::string service_id;
    std::string environment;
    TimeMs expires_at = 0;
    std::string grant_id = {};  ///< the right it was issued by
};

enum class TokenFault : std::uint8_t {
    Malformed,     ///< not a token of this installation
    Expired,       ///< too old
    Revoked,       ///< its credential was reset, disabled or deleted since, or lost the right
    OtherService,  ///< good, but for another service or environment
};
/// For traces and logs: "the token has expired".
std::string_view text_of(TokenFault fault);

/// Where a token is presented, and against what it is held.
struct TokenUse {
    const CredentialTable& credentials;
    std::string_view service_id;
    std::string_view environment;
    TimeMs now;
};

/// Issues and verifies access tokens. Immutable and thread-safe; owned by app, outlives snapshots.
class TokenSealer {
public:
    /// Longer texts are no tokens of ours and are not looked at.
    static constexpr std::size_t kMaxLength = 1024;

    explicit TokenSealer(const crypto::MasterKey& master);

    /// Url-safe text.
    std::string issue(const AccessToken& token) const;
    /// The credential of a good token.
    std::expected<const Credential*, TokenFault> verify(std::string_view text,
                                                        const TokenUse& use) const;

private:
    crypto::Sealer sealer_;
};

}  // namespace lintel::gateway
