#include "notify/signature.h"

#include <array>

#include "base/text.h"
#include "crypto/hmac.h"

namespace lintel::notify {

namespace {
constexpr std::string_view kPrefix = "whsec_";
}

std::string sign(const Secret& secret, std::string_view id, std::string_view timestamp,
                 std::string_view body) {
    std::string_view encoded = secret.reveal();
    if (encoded.starts_with(kPrefix)) { encoded.remove_prefix(kPrefix.size()); }
    const crypto::HmacKey key(crypto::HmacAlgorithm::Sha256,
                              Secret(from_base64(encoded).value_or("")));
    const std::array<std::string_view, 5> parts{id, ".", timestamp, ".", body};
    return "v1," + to_base64(key.sign(parts).view());
}

}  // namespace lintel::notify
