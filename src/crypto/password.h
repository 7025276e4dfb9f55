// Passwords of people: Argon2id with a pepper from the master key, kept as PHC text
// ("$argon2id$v=19$m=65536,t=2,p=1$..."). Secrets of key pairs are random and need none of this.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/seal.h"

namespace lintel::crypto {

struct PasswordCost {
    std::size_t memory_bytes = 64ULL << 20;
    unsigned passes = 2;
};

/// Hashes and checks passwords. Each call takes about 0.1 s and 64 MiB and blocks: run it on a
/// bounded blocking pool. Immutable and thread-safe; owned by app.
class PasswordHasher {
public:
    explicit PasswordHasher(const MasterKey& master, PasswordCost cost = {});

    /// PHC text with a fresh salt.
    std::string hash(const Secret& password) const;
    bool verify(std::string_view phc, const Secret& password) const;
    /// For unknown users: takes as long as verify, is always false.
    bool verify_nobody(const Secret& password) const;
    /// True when `phc` was made with another cost: hash again at the next login that succeeds.
    bool needs_rehash(std::string_view phc) const;

private:
    std::string peppered(const Secret& password) const;

    Secret pepper_;
    PasswordCost cost_;
    std::string nobody_;  ///< a hash that no password is known for
};

}  // namespace lintel::crypto
