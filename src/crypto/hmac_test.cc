#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/text.h"
#include "crypto/hash.h"

namespace lintel::crypto {
namespace {

std::string hex_mac(HmacAlgorithm algorithm, std::string_view secret, std::string_view message) {
    const HmacKey key(algorithm, Secret(secret));
    return to_hex(key.sign(message).view());
}

// RFC 2202 and RFC 4231, test cases 2 and 6 (a key longer than the block).
TEST(Hmac, AgreesWithThePublishedValues) {
    const std::string question = "what do ya want for nothing?";
    EXPECT_EQ(hex_mac(HmacAlgorithm::Sha1, "Jefe", question),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(hex_mac(HmacAlgorithm::Sha256, "Jefe", question),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex_mac(HmacAlgorithm::Sha512, "Jefe", question),
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    EXPECT_EQ(hex_mac(HmacAlgorithm::Sha256, std::string(131, '\xaa'),
                      "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, SignsPartsAsIfTheyWereOneText) {
    const HmacKey key(HmacAlgorithm::Sha256, Secret("secret"));
    const std::array<std::string_view, 4> parts{"GET", "\n", "", "/pets"};
    EXPECT_EQ(key.sign(parts).view(), key.sign("GET\n/pets").view());
}

TEST(Hmac, ASignatureLeavesNothingToTheNextOne) {
    const HmacKey first(HmacAlgorithm::Sha1, Secret("a"));
    const HmacKey second(HmacAlgorithm::Sha512, Secret(""));
    const std::string before = to_hex(first.sign("x").view());
    EXPECT_EQ(second.sign("x").size, 64U);
    EXPECT_EQ(to_hex(first.sign("x").view()), before);
}

TEST(Hmac, TheOneShotFormAgreesWithThePreparedKey) {
    for (const std::string secret : {"", "k", "a longer secret"}) {
        const HmacKey key(HmacAlgorithm::Sha256, Secret(secret));
        EXPECT_EQ(key.sign("message").view(), hmac_sha256(secret, "message"));
    }
}

TEST(Hmac, AlgorithmNamesAreReadInAnyCase) {
    EXPECT_EQ(parse_hmac_algorithm("HMAC-Sha256"), HmacAlgorithm::Sha256);
    EXPECT_EQ(parse_hmac_algorithm("hmac-sha512"), HmacAlgorithm::Sha512);
    EXPECT_EQ(parse_hmac_algorithm("hmac-md5"), std::nullopt);
    EXPECT_EQ(parse_hmac_algorithm(""), std::nullopt);
    EXPECT_EQ(name_of(HmacAlgorithm::Sha1), "hmac-sha1");
}

TEST(Hash, AgreesWithThePublishedValue) {
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace lintel::crypto
