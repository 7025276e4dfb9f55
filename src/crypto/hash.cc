#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"

namespace lintel::crypto {
namespace {

constexpr std::size_t kSha256Bytes = 32;

}  // namespace

std::string sha256(std::string_view data) {
    std::string digest(kSha256Bytes, '\0');
    unsigned size = 0;
    const int ok =
        EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(&digest[0]), &size,
                   EVP_sha256(), nullptr);
    LINTEL_ASSERT(ok == 1 && size == kSha256Bytes, "SHA-256 is not available");
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::string mac(kSha256Bytes, '\0');
    unsigned size = 0;
    // A null key pointer would mean "the key of the last call" to OpenSSL.
    const char* key_bytes = key.empty() ? "" : key.data();
    const unsigned char* done = HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()),
                                     reinterpret_cast<const unsigned char*>(data.data()),
                                     data.size(), reinterpret_cast<unsigned char*>(&mac[0]), &size);
    LINTEL_ASSERT(done != nullptr && size == kSha256Bytes, "HMAC-SHA-256 is not available");
    return mac;
}

}  // namespace lintel::crypto
