// Sets of byte values, and the question every parser asks of them: how far does this text stay
// inside? Answered sixteen bytes at a time where the processor can.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lintel {

/// Any set of ASCII characters, with or without all bytes beyond ASCII. Made by the compiler.
class ByteSet {
public:
    enum class BeyondAscii : bool { Outside, Inside };

    /// Of the characters that `is_member` says yes to.
    template <typename Predicate>
    static consteval ByteSet of(Predicate is_member, BeyondAscii beyond = BeyondAscii::Outside) {
        ByteSet set;
        for (unsigned c = 0; c < 0x80; ++c) {
            if (is_member(static_cast<char>(c))) {
                set.rows_[c & 15U] |= static_cast<std::uint8_t>(1U << (c >> 4U));
            }
        }
        set.beyond_ascii_ = beyond == BeyondAscii::Inside;
        return set;
    }

    constexpr bool contains(char c) const {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x80 ? (rows_[byte & 15U] >> (byte >> 4U) & 1U) != 0 : beyond_ascii_;
    }
    /// Where the first byte outside of the set stands; the size of `text` when there is none.
    std::size_t first_outside(std::string_view text) const;
    bool contains_all(std::string_view text) const { return first_outside(text) == text.size(); }

private:
    constexpr ByteSet() = default;

    /// By the low four bits of a character: one bit for each value of the upper three.
    alignas(16) std::array<std::uint8_t, 16> rows_{};
    bool beyond_ascii_ = false;
};

}  // namespace lintel
