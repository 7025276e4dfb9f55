#include "base/byte_set.h"

#if defined(__SSSE3__)
#include <tmmintrin.h>

#include <bit>
#include <cstring>
#endif

namespace lintel {
namespace {

std::size_t first_outside_by_one(const ByteSet& set, std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && set.contains(text[at])) {
        ++at;
    }
    return at;
}

}  // namespace

#if defined(__SSSE3__)
namespace {

constexpr std::size_t kWidth = 16;

template <typename Word>
Word load(const char* from) {
    Word word = 0;
    std::memcpy(&word, from, sizeof(word));
    return word;
}

/// Looks sixteen bytes up at once (after Mula's SIMD classification): the low half of a byte picks
/// the row, the high half the bit in it.
class Lookup {
public:
    Lookup(const std::array<std::uint8_t, 16>& rows, bool beyond_ascii)
        : rows_(_mm_load_si128(reinterpret_cast<const __m128i*>(rows.data()))),
          forgiven_(beyond_ascii ? 0xFFFFU : 0U) {}

    /// One bit for each byte that is outside of the set.
    unsigned outside(__m128i bytes) const {
        const __m128i bit_of_row =
            _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0F));
        // Bytes beyond ASCII find an empty row here.
        const __m128i row = _mm_shuffle_epi8(rows_, bytes);
        const __m128i hit = _mm_and_si128(row, _mm_shuffle_epi8(bit_of_row, high));
        const auto misses =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(hit, _mm_setzero_si128())));
        return misses & ~(static_cast<unsigned>(_mm_movemask_epi8(bytes)) & forgiven_);
    }
    unsigned outside_at(const char* from) const {
        return outside(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    }

private:
    __m128i rows_;
    unsigned forgiven_;
};

std::size_t first_of(unsigned mask) {
    return static_cast<std::size_t>(std::countr_zero(mask));
}

/// Two overlapping words cover a text shorter than a register without reading past it.
template <typename Word>
std::size_t first_outside_of_pair(const Lookup& lookup, std::string_view text) {
    constexpr std::size_t kWord = sizeof(Word);
    std::array<char, kWidth> both{};
    std::memcpy(both.data(), text.data(), kWord);
    std::memcpy(both.data() + kWord, text.data() + text.size() - kWord, kWord);
    const unsigned mask = lookup.outside_at(both.data()) & ((1U << (2 * kWord)) - 1U);
    if (mask == 0) { return text.size(); }
    const std::size_t at = first_of(mask);
    return at < kWord ? at : text.size() - 2 * kWord + at;
}

}  // namespace

std::size_t ByteSet::first_outside(std::string_view text) const {
    const std::size_t size = text.size();
    const Lookup lookup(rows_, beyond_ascii_);
    if (size >= kWidth) {
        for (std::size_t at = 0; at + kWidth <= size; at += kWidth) {
            const unsigned mask = lookup.outside_at(text.data() + at);
            if (mask != 0) { return at + first_of(mask); }
        }
        // The rest, together with bytes that were good already.
        const std::size_t last = size - kWidth;
        const unsigned mask = lookup.outside_at(text.data() + last);
        return mask == 0 ? size : last + first_of(mask);
    }
    if (size >= 8) { return first_outside_of_pair<std::uint64_t>(lookup, text); }
    if (size >= 4) { return first_outside_of_pair<std::uint32_t>(lookup, text); }
    return first_outside_by_one(*this, text);
}

#else

std::size_t ByteSet::first_outside(std::string_view text) const {
    return first_outside_by_one(*this, text);
}

#endif

}  // namespace lintel
