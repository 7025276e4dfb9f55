// Spreads the bits of a number.
#pragma once

#include <cstdint>

namespace lintel {

/// Each bit of the result depends on all of `value` (the last steps of splitmix64). No secret:
/// whoever must not be able to foresee collisions adds a seed of his own first.
constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
}

}  // namespace lintel
