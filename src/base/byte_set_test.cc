#include "base/byte_set.h"

#include <gtest/gtest.h>

#include <string>

#include "base/ascii.h"

namespace lintel {
namespace {

constexpr ByteSet kDigitSet = ByteSet::of(is_digit);
constexpr ByteSet kText =
    ByteSet::of([](char c) { return c >= ' ' && c != 0x7F; }, ByteSet::BeyondAscii::Inside);

TEST(ByteSet, ContainsItsMembersAndNothingElse) {
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        EXPECT_EQ(kDigitSet.contains(byte), c >= '0' && c <= '9') << c;
        EXPECT_EQ(kText.contains(byte), c >= 0x20 && c != 0x7F) << c;
    }
}

TEST(ByteSet, FindsEveryByteAtEveryPlaceOfEveryLength) {
    for (std::size_t size = 0; size <= 50; ++size) {
        const std::string good(size, '7');
        EXPECT_EQ(kDigitSet.first_outside(good), size);
        for (std::size_t at = 0; at < size; ++at) {
            for (int c = 0; c < 256; ++c) {
                std::string text = good;
                text[at] = static_cast<char>(c);
                ASSERT_EQ(kDigitSet.first_outside(text), kDigitSet.contains(text[at]) ? size : at)
                    << size << " bytes, " << c << " at " << at;
                ASSERT_EQ(kText.contains_all(text), kText.contains(text[at]));
            }
        }
    }
}

TEST(ByteSet, FindsTheFirstOfSeveral) {
    for (std::size_t size = 2; size <= 40; ++size) {
        for (std::size_t at = 0; at + 1 < size; ++at) {
            std::string text(size, '1');
            text[at] = 'x';
            text.back() = 'y';
            ASSERT_EQ(kDigitSet.first_outside(text), at) << size;
        }
    }
}

}  // namespace
}  // namespace lintel
