#include "crypto/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "base/assert.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/sodium.h"

namespace lintel::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

std::string unpadded_base64(std::string_view bytes) {
    std::string text = to_base64(bytes);
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

/// As hash() would write it, but of no password that anybody knows.
std::string hash_of_nobody(const PasswordCost& cost) {
    return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory_bytes / 1024, cost.passes,
                       unpadded_base64(random_bytes(kSaltBytes)),
                       unpadded_base64(random_bytes(kHashBytes)));
}

}  // namespace

PasswordHasher::PasswordHasher(const MasterKey& master, PasswordCost cost)
    : pepper_(master.derive(Purpose::Pepper)), cost_(cost) {
    require_sodium();
    LINTEL_ASSERT(cost.passes >= 1 && cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN,
                  "Argon2id needs at least one pass and 8 KiB");
    nobody_ = hash_of_nobody(cost);
}

std::string PasswordHasher::hash(const Secret& password) const {
    std::array<char, crypto_pwhash_STRBYTES> phc{};
    std::string input = peppered(password);
    const int failed = crypto_pwhash_str_alg(phc.data(), input.data(), input.size(), cost_.passes,
                                             cost_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    explicit_bzero(input.data(), input.size());
    LINTEL_ASSERT(failed == 0, "Argon2id could not get its memory");
    return {phc.data()};
}

bool PasswordHasher::verify(std::string_view phc, const Secret& password) const {
    const std::string stored(phc);  // libsodium reads up to the terminating zero
    std::string input = peppered(password);
    const bool right = crypto_pwhash_str_verify(stored.c_str(), input.data(), input.size()) == 0;
    explicit_bzero(input.data(), input.size());
    return right;
}

bool PasswordHasher::verify_nobody(const Secret& password) const {
    static_cast<void>(verify(nobody_, password));
    return false;
}

bool PasswordHasher::needs_rehash(std::string_view phc) const {
    const std::string stored(phc);
    return crypto_pwhash_str_needs_rehash(stored.c_str(), cost_.passes, cost_.memory_bytes) != 0;
}

// Hex, because Argon2 implementations that the text may be taken to expect no zero bytes.
std::string PasswordHasher::peppered(const Secret& password) const {
    return to_hex(hmac_sha256(pepper_.reveal(), password.reveal()));
}

}  // namespace lintel::crypto
