#include "crypto/keys.h"

#include "base/text.h"
#include "crypto/random.h"

namespace lintel::crypto {
namespace {

constexpr std::size_t kAccessKeyBytes = 10;
constexpr std::size_t kSecretBytes = 20;
constexpr std::size_t kTokenBytes = 32;

}  // namespace

std::string make_access_key() {
    return random_hex(kAccessKeyBytes);
}

Secret make_secret() {
    return Secret(random_hex(kSecretBytes));
}

Secret make_token(std::string_view prefix) {
    return Secret(std::string(prefix) + to_base64url(random_bytes(kTokenBytes)));
}

}  // namespace lintel::crypto
