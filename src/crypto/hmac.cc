#include "crypto/hmac.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/freed.h"
#include "base/text.h"

namespace lintel::crypto {
namespace {

constexpr std::array<std::string_view, 3> kNames{"hmac-sha1", "hmac-sha256", "hmac-sha512"};
constexpr std::size_t kMaxBlock = 128;  // of SHA-512
constexpr unsigned char kInnerPad = 0x36;
constexpr unsigned char kOuterPad = 0x5c;

using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

Context make_context() {
    Context context(EVP_MD_CTX_new());
    LINTEL_ASSERT(context != nullptr, "out of memory");
    return context;
}

/// Fetched once: looking a digest up by name takes longer than a signature.
const EVP_MD* digest_of(HmacAlgorithm algorithm) {
    static const std::array<const EVP_MD*, 3> digests{EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                      EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                      EVP_MD_fetch(nullptr, "SHA512", nullptr)};
    const EVP_MD* digest = digests[static_cast<std::size_t>(algorithm)];
    LINTEL_ASSERT(digest != nullptr, "OpenSSL lacks a digest");
    return digest;
}

void update(EVP_MD_CTX* context, const void* data, std::size_t size) {
    const int ok = EVP_DigestUpdate(context, data, size);
    LINTEL_ASSERT(ok == 1, "hashing failed");
}

/// A context that has hashed the key's block, padded as RFC 2104 asks.
Context padded(const EVP_MD* digest, std::span<const unsigned char> key_block, unsigned char pad) {
    std::array<unsigned char, kMaxBlock> block{};
    for (std::size_t i = 0; i < key_block.size(); ++i) {
        block[i] = static_cast<unsigned char>(key_block[i] ^ pad);
    }
    Context context = make_context();
    const int ok = EVP_DigestInit_ex2(context.get(), digest, nullptr);
    LINTEL_ASSERT(ok == 1, "hashing failed");
    update(context.get(), block.data(), key_block.size());
    explicit_bzero(block.data(), block.size());
    return context;
}

}  // namespace

std::string_view name_of(HmacAlgorithm algorithm) {
    return kNames[static_cast<std::size_t>(algorithm)];
}

std::optional<HmacAlgorithm> parse_hmac_algorithm(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (equals_ignoring_case(name, kNames[i])) { return static_cast<HmacAlgorithm>(i); }
    }
    return std::nullopt;
}

struct HmacKey::Prepared {
    Prepared(HmacAlgorithm algorithm, const Secret& secret);

    Context inner;
    Context outer;
};

HmacKey::Prepared::Prepared(HmacAlgorithm algorithm, const Secret& secret) {
    const EVP_MD* digest = digest_of(algorithm);
    const auto block_size = static_cast<std::size_t>(EVP_MD_get_block_size(digest));
    std::array<unsigned char, kMaxBlock> key{};
    const std::string_view bytes = secret.reveal();
    if (bytes.size() > block_size) {
        unsigned size = 0;
        const int ok = EVP_Digest(bytes.data(), bytes.size(), key.data(), &size, digest, nullptr);
        LINTEL_ASSERT(ok == 1, "hashing failed");
    } else {
        std::ranges::copy(bytes, key.begin());
    }
    const std::span<const unsigned char> block(key.data(), block_size);
    inner = padded(digest, block, kInnerPad);
    outer = padded(digest, block, kOuterPad);
    explicit_bzero(key.data(), key.size());
}

HmacKey::HmacKey(HmacAlgorithm algorithm, const Secret& secret)
    : prepared_(std::make_unique<const Prepared>(algorithm, secret)) {}

HmacKey::~HmacKey() = default;

Mac HmacKey::sign(std::span<const std::string_view> parts) const {
    const Context own = make_context();
    EVP_MD_CTX* const context = own.get();
    const Prepared& key = *prepared_;
    Mac mac;
    auto* out = reinterpret_cast<unsigned char*>(mac.bytes.data());
    unsigned size = 0;
    int ok = EVP_MD_CTX_copy_ex(context, key.inner.get());
    LINTEL_ASSERT(ok == 1, "hashing failed");
    for (const std::string_view part : parts) {
        update(context, part.data(), part.size());
    }
    ok = EVP_DigestFinal_ex(context, out, &size) & EVP_MD_CTX_copy_ex(context, key.outer.get());
    LINTEL_ASSERT(ok == 1, "hashing failed");
    update(context, out, size);
    ok = EVP_DigestFinal_ex(context, out, &size);
    LINTEL_ASSERT(ok == 1, "hashing failed");
    mac.size = size;
    return mac;
}

}  // namespace lintel::crypto
