// HMAC with keys that are prepared once and used for every request: the key's two padded blocks are
// hashed when it is made, a signature only copies those states.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/secret.h"

namespace lintel::crypto {

enum class HmacAlgorithm : std::uint8_t { Sha1, Sha256, Sha512 };

/// "hmac-sha1", "hmac-sha256", "hmac-sha512".
std::string_view name_of(HmacAlgorithm algorithm);
/// The names above in any case.
std::optional<HmacAlgorithm> parse_hmac_algorithm(std::string_view name);

/// A message authentication code: 20, 32 or 64 bytes.
struct Mac {
    std::array<char, 64> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
};

/// A secret that signs with one algorithm. Immutable, shared by all threads; owned by the
/// credential (or dummy) it belongs to.
class HmacKey {
public:
    HmacKey(HmacAlgorithm algorithm, const Secret& secret);
    HmacKey(const HmacKey&) = delete;
    HmacKey& operator=(const HmacKey&) = delete;
    ~HmacKey();

    /// The code of the parts joined without anything in between.
    Mac sign(std::span<const std::string_view> parts) const;
    Mac sign(std::string_view message) const { return sign(std::span(&message, 1)); }

private:
    struct Prepared;

    std::unique_ptr<const Prepared> prepared_;
};

}  // namespace lintel::crypto
