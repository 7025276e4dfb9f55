// Asks for memory before it is needed.
#pragma once

#include <cstddef>

namespace lintel {

/// What is asked for at once arrives together, each for the time of one cache miss. Null is fine.
inline void prefetch(const void* memory, std::size_t size = 1) {
    constexpr std::size_t kLine = 64;
    const auto* bytes = static_cast<const char*>(memory);
    for (std::size_t at = 0; at < size; at += kLine) {
        __builtin_prefetch(bytes + at);
    }
}

}  // namespace lintel
