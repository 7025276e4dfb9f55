// Content codings, a piece at a time. The types of zlib and Brotli stay in encoder.cc. Internal to
// the policy.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace lintel::policies {

enum class Coding : std::uint8_t { Brotli, Gzip };

/// One stream of compressed bytes. Used by one coroutine.
class Encoder {
public:
    enum class Until : std::uint8_t {
        Enough,  ///< gives out what does not pay to keep
        Now,     ///< gives out everything: the source pauses
        End,     ///< gives out everything and ends the stream
    };
    virtual ~Encoder() = default;
    /// Appends to `out`.
    virtual void encode(std::span<const char> bytes, Until until, std::string& out) = 0;
};

/// `level` from 1 to 9.
std::unique_ptr<Encoder> make_encoder(Coding coding, int level);

}  // namespace lintel::policies
