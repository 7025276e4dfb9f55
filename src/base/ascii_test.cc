#include "base/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel {
namespace {

/// The characters from 0 to 255 for which `is` holds, in order.
template <typename Class>
std::string members(Class is) {
    std::string found;
    for (int byte = 0; byte < 256; ++byte) {
        if (is(static_cast<char>(byte))) { found.push_back(static_cast<char>(byte)); }
    }
    return found;
}

const std::string kDigits = "0123456789";
const std::string kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string kLower = "abcdefghijklmnopqrstuvwxyz";

TEST(Ascii, ClassesHoldTheirCharactersAndNoOthers) {
    EXPECT_EQ(members(is_digit), kDigits);
    EXPECT_EQ(members(is_lower), kLower);
    EXPECT_EQ(members(is_letter), kUpper + kLower);
    EXPECT_EQ(members(is_alphanumeric), kDigits + kUpper + kLower);
    EXPECT_EQ(members(is_unreserved), "-." + kDigits + kUpper + "_" + kLower + "~");
    EXPECT_EQ(members(is_token_character), "!#$%&'*+-." + kDigits + kUpper + "^_`" + kLower + "|~");
    EXPECT_EQ(members(is_hex_digit), kDigits + "ABCDEFabcdef");
}

TEST(Ascii, ATokenHasAtLeastOneCharacter) {
    EXPECT_TRUE(is_token("X-Request-Id"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
}

TEST(Ascii, TripletsStandForTheirByte) {
    EXPECT_EQ(triplet_value("%2Fx"), 0x2F);
    EXPECT_EQ(triplet_value("%ff"), 0xFF);
    for (const auto text : {"", "%", "%2", "%2g", "%g2", "2F0"}) {
        EXPECT_EQ(triplet_value(text), -1) << text;
    }
}

}  // namespace
}  // namespace lintel
