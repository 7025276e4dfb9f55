#include "gateway/token.h"

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace lintel::gateway {
namespace {

constexpr std::string_view kContext = "oauth2/access_token/2";
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kNumberBytes = 8;

// Every text is preceded by its length: two tokens with other contents never have the same bytes.
void put_number(std::string& to, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        to += static_cast<char>((number >> (8 * i)) & 0xFFU);
    }
}

void put_text(std::string& to, std::string_view text) {
    put_number(to, text.size(), kLengthBytes);
    to += text;
}

/// Reads what put_* wrote. Running out of bytes gives nothing.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : left_(bytes) {}

    std::optional<std::uint64_t> number(std::size_t bytes) {
        if (left_.size() < bytes) { return std::nullopt; }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(left_[i])) << (8 * i);
        }
        left_.remove_prefix(bytes);
        return value;
    }
    std::optional<std::string_view> text() {
        const std::optional<std::uint64_t> size = number(kLengthBytes);
        if (!size || *size > left_.size()) { return std::nullopt; }
        const std::string_view value = left_.substr(0, *size);
        left_.remove_prefix(*size);
        return value;
    }
    bool at_end() const { return left_.empty(); }

private:
    std::string_view left_;
};

/// What a token says, as views into the opened bytes.
struct Claims {
    std::string_view credential_id;
    std::uint64_t generation;
    std::string_view service_id;
    std::string_view environment;
    TimeMs expires_at;
    std::string_view grant_id;
};

std::optional<Claims> read_claims(std::string_view bytes) {
    Cursor cursor(bytes);
    const auto credential_id = cursor.text();
    const auto generation = cursor.number(kNumberBytes);
    const auto service_id = cursor.text();
    const auto environment = cursor.text();
    const auto expires_at = cursor.number(kNumberBytes);
    const auto grant_id = cursor.text();
    if (!credential_id || !generation || !service_id || !environment || !expires_at || !grant_id ||
        !cursor.at_end()) {
        return std::nullopt;
    }
    return Claims{
        *credential_id, *generation, *service_id, *environment, static_cast<TimeMs>(*expires_at),
        *grant_id};
}

}  // namespace

std::string_view text_of(TokenFault fault) {
    static constexpr std::array<std::string_view, 4> kTexts{
        "not a token of this gateway",
        "the token has expired",
        "the token's credential was reset, disabled or deleted, or has lost the right to call",
        "the token is for another service or environment",
    };
    return kTexts[static_cast<std::size_t>(fault)];
}

TokenSealer::TokenSealer(const crypto::MasterKey& master)
    : sealer_(master, crypto::Purpose::Tokens) {}

std::string TokenSealer::issue(const AccessToken& token) const {
    std::string bytes;
    put_text(bytes, token.credential_id);
    put_number(bytes, token.generation, kNumberBytes);
    put_text(bytes, token.service_id);
    put_text(bytes, token.environment);
    put_number(bytes, static_cast<std::uint64_t>(token.expires_at), kNumberBytes);
    put_text(bytes, token.grant_id);
    return to_base64url(sealer_.seal(bytes, kContext));
}

std::expected<const Credential*, TokenFault> TokenSealer::verify(std::string_view text,
                                                                 const TokenUse& use) const {
    if (text.size() > kMaxLength) { return std::unexpected(TokenFault::Malformed); }
    const std::optional<std::string> sealed = from_base64url(text);
    if (!sealed) { return std::unexpected(TokenFault::Malformed); }
    const std::optional<Secret> opened = sealer_.open(*sealed, kContext);
    if (!opened) { return std::unexpected(TokenFault::Malformed); }
    const std::optional<Claims> claims = read_claims(opened->reveal());
    if (!claims) { return std::unexpected(TokenFault::Malformed); }
    if (use.now >= claims->expires_at) { return std::unexpected(TokenFault::Expired); }
    const Credential* credential = use.credentials.by_id(claims->credential_id);
    if (credential == nullptr || !credential->enabled ||
        !credential->honours(claims->generation, use.now) ||
        !credential->has_grant(claims->grant_id)) {
        return std::unexpected(TokenFault::Revoked);
    }
    if (claims->service_id != use.service_id || claims->environment != use.environment) {
        return std::unexpected(TokenFault::OtherService);
    }
    return credential;
}

}  // namespace lintel::gateway
