// Secrets at rest: the master key in its file, and sealing (XChaCha20-Poly1305) with keys derived
// from it, one for each purpose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/secret.h"

namespace lintel::crypto {

/// What a derived key is for. The numbers are part of the format of everything sealed: never reuse
/// one.
enum class Purpose : std::uint8_t {
    Store = 1,   ///< secrets in the store
    Tokens = 2,  ///< OAuth access tokens
    Index = 3,   ///< look-up columns: HMAC-SHA-256 of what must be found but not read
    Pepper = 4,  ///< passwords
};

/// Where the key file is allowed to come from.
enum class KeyFile : std::uint8_t {
    MayCreate,  ///< the store is new: a missing file is made
    MustExist,  ///< the store holds sealed secrets: a missing file is a lost key
};

/// The 32 random bytes everything else is derived from. Immutable; owned by app, lives as long as
/// the process.
class MasterKey {
public:
    static constexpr std::size_t kSize = 32;

    /// Reads the file, or makes it (mode 0400) when it is missing and may be made. Refuses with
    /// Code::StartFailed a file that others may read, has the wrong size, or cannot be read.
    static Result<MasterKey> open(const std::filesystem::path& file, KeyFile missing);
    /// A key that is in no file: for tests.
    static MasterKey generate();

    /// 32 bytes; the same key and purpose give the same bytes.
    Secret derive(Purpose purpose) const;
    /// A sealed known text. The store keeps it from its first start on.
    std::string check_value() const;
    /// Code::StartFailed when `check_value` was made with another key.
    Status verify(std::string_view check_value) const;

private:
    explicit MasterKey(Secret bytes) : bytes_(std::move(bytes)) {}

    Secret bytes_;
};

/// Seals and opens with one derived key. Immutable and thread-safe.
class Sealer {
public:
    /// Bytes added to the plain text: format version, nonce, tag.
    static constexpr std::size_t kOverhead = 1 + 24 + 16;

    Sealer(const MasterKey& master, Purpose purpose) : key_(master.derive(purpose)) {}

    /// `context` is authenticated but not kept: it ties the sealed bytes to their place (table, row
    /// and column, say), so that they cannot be moved to another one.
    std::string seal(std::string_view plain, std::string_view context) const;
    /// Nothing when the bytes were changed, moved, cut, or sealed with another key.
    std::optional<Secret> open(std::string_view sealed, std::string_view context) const;

private:
    Secret key_;
};

}  // namespace lintel::crypto
