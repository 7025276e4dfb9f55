#include "crypto/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/random.h"

namespace lintel::crypto {
namespace {

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

TEST(Keys, AccessKeysAreTwentyLowerHexCharacters) {
    const std::string key = make_access_key();
    EXPECT_EQ(key.size(), 20U);
    EXPECT_TRUE(is_lower_hex(key)) << key;
}

TEST(Keys, SecretsCarryAtLeast128RandomBits) {
    const Secret secret = make_secret();
    EXPECT_EQ(secret.reveal().size(), 40U);
    EXPECT_TRUE(is_lower_hex(secret.reveal()));
}

TEST(Keys, TokensKeepTheirPrefix) {
    const Secret token = make_token("lt_");
    EXPECT_TRUE(token.reveal().starts_with("lt_"));
    EXPECT_EQ(token.reveal().size(), 3U + 43U);
}

TEST(Keys, NoTwoAreEqual) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(seen.insert(make_access_key()).second);
        EXPECT_TRUE(seen.emplace(make_secret().reveal()).second);
    }
}

TEST(Random, GivesAsManyBytesAsAsked) {
    EXPECT_EQ(random_bytes(0).size(), 0U);
    EXPECT_EQ(random_bytes(33).size(), 33U);
    EXPECT_EQ(random_hex(8).size(), 16U);
}

}  // namespace
}  // namespace lintel::crypto
