#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/arena.h"

namespace lintel {
namespace {

TEST(Text, LowersAsciiOnly) {
    EXPECT_EQ(to_lower("Content-TYPE"), "content-type");
    EXPECT_EQ(to_lower("@[`{Z\xC3\x84"), "@[`{z\xC3\x84");
}

TEST(Text, ComparesIgnoringAsciiCase) {
    EXPECT_TRUE(equals_ignoring_case("Keep-Alive", "keep-alive"));
    EXPECT_FALSE(equals_ignoring_case("keep-alive", "keep-aliv"));
    // The Kelvin sign lowers to "k" in some locales; it must not here.
    EXPECT_FALSE(equals_ignoring_case("k", "\xE2\x84\xAA"));
}

TEST(Text, TrimsSpacesAndTabsOnly) {
    EXPECT_EQ(trim(" \t a b\t "), "a b");
    EXPECT_EQ(trim("\r\na\v"), "\r\na\v");
    EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, SplitsIntoAllParts) {
    EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
    EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
}

TEST(Text, HexReadsBackWhatItWrote) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all.push_back(static_cast<char>(byte));
    }
    const std::string hex = to_hex(all);
    EXPECT_EQ(hex.substr(0, 8), "00010203");
    EXPECT_EQ(hex.substr(504), "fcfdfeff");
    EXPECT_EQ(from_hex(hex), all);
    EXPECT_EQ(from_hex("DEADbeef"), "\xDE\xAD\xBE\xEF");
}

TEST(Text, HexRefusesWhatIsNotHex) {
    for (const auto* text : {"a", "0g", "g0", " 0", "0x", "00 "}) {
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
    }
}

TEST(Text, DigitsOfEveryNumber) {
    Arena arena;
    EXPECT_EQ(digits_of(0, arena), "0");
    EXPECT_EQ(digits_of(200, arena), "200");
    EXPECT_EQ(digits_of(std::numeric_limits<std::int64_t>::min(), arena), "-9223372036854775808");
}

TEST(Text, Base64FollowsTheTestVectorsOfRfc4648) {
    const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
        Arena arena;
        EXPECT_EQ(from_base64(text, arena), bytes);
    }
}

TEST(Text, Base64ReadsBackEveryByteAtEveryAlignment) {
    std::string bytes;
    for (int i = 0; i < 600; ++i) {
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        bytes.push_back(static_cast<char>(i * 7 + 3));
    }
}

TEST(Text, Base64RefusesEveryOtherSpelling) {
    for (const auto* text : {
             "Zg",        // padding missing
             "Zg=",       // padding short
             "Zg===",     // padding long
             "Zg==\n",    // line break
             "Z g=",      // space inside
             "Zh==",      // trailing bits not zero
             "Zm9=",      // trailing bits not zero
             "====",      // padding only
             "Z===",      // six bits make no byte
             "Zm-_",      // the other alphabet
             "Zg==Zg==",  // two texts in one
         }) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
        Arena arena;
        EXPECT_EQ(from_base64(text, arena), std::nullopt) << text;
    }
}

TEST(Text, Base64UrlHasItsOwnAlphabetAndNoPadding) {
    EXPECT_EQ(to_base64url("\xFB\xFF\xFE"), "-__-");
    EXPECT_EQ(to_base64url("f"), "Zg");
    EXPECT_EQ(from_base64url("Zg=="), std::nullopt);
    EXPECT_EQ(from_base64url("+//+"), std::nullopt);
    EXPECT_EQ(from_base64url("A"), std::nullopt);
}

TEST(Text, AcceptsWellFormedUtf8) {
    for (const auto* text :
         {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xE5\xBC\xA0\xE4\xB8\x89"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << to_hex(text);
    }
}

TEST(Text, MeasuresTheCharacterAtTheStart) {
    EXPECT_EQ(utf8_length("ab"), 1U);
    EXPECT_EQ(utf8_length("\xE5\xBC\xA0x"), 3U);
    EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80"), 4U);
    EXPECT_EQ(utf8_length("\x80"), 0U);
    EXPECT_EQ(utf8_length(""), 0U);
}

TEST(Text, RefusesMalformedUtf8) {
    for (const auto* text : {
             "\x80",              // continuation alone
             "\xC3",              // cut short
             "\xC3(",             // no continuation
             "\xC0\xAF",          // overlong "/"
             "\xC1\xBF",          // overlong
             "\xE0\x9F\xBF",      // overlong
             "\xF0\x8F\xBF\xBF",  // overlong
             "\xED\xA0\x80",      // surrogate
             "\xED\xBF\xBF",      // surrogate
             "\xF4\x90\x80\x80",  // beyond U+10FFFF
             "\xF5\x80\x80\x80",  // no such lead byte
             "\xFF",              // no such lead byte
             "\xE2\x82",          // cut short
             "a\xF0\x9F\x98",     // cut short after text
         }) {
        EXPECT_FALSE(is_valid_utf8(text)) << to_hex(text);
    }
}

}  // namespace
}  // namespace lintel
