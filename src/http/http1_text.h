// Character classes of HTTP/1.1 and the scans over them. Internal to the codec.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lintel::http::http1 {

inline constexpr std::uint8_t kTokenChar = 1;
inline constexpr std::uint8_t kUnderscore = 2;  ///< a token character that is refused by default
inline constexpr std::uint8_t kTargetChar = 4;
inline constexpr std::uint8_t kHostChar = 8;

consteval std::array<std::uint8_t, 256> character_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (unsigned c = 0x21; c < 0x7F; ++c) {
        if (c != '#') { classes[c] |= kTargetChar; }
    }
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        classes[static_cast<unsigned char>(c)] |= kTokenChar;
    }
    for (const char c : std::string_view("-._~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        classes[static_cast<unsigned char>(c)] |= kHostChar;
    }
    classes['_'] |= kUnderscore;
    return classes;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = character_classes();

constexpr bool is_a(char c, std::uint8_t wanted) {
    return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// The first byte that may not stand in a field value: a control other than HTAB. `end` if none.
inline const char* first_control(const char* at, const char* end) {
#if defined(__SSE2__)
    const __m128i highest_control = _mm_set1_epi8(0x1F);
    const __m128i tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7F);
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
        const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low),
                                         _mm_cmpeq_epi8(bytes, del));
        const int mask = _mm_movemask_epi8(bad);
        if (mask != 0) { return at + __builtin_ctz(static_cast<unsigned>(mask)); }
    }
#endif
    for (; at != end; ++at) {
        const auto c = static_cast<unsigned char>(*at);
        if ((c < 0x20 && c != '\t') || c == 0x7F) { return at; }
    }
    return end;
}

}  // namespace lintel::http::http1
