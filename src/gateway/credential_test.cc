#include "gateway/credential.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace lintel::gateway {
namespace {

constexpr TimeMs kNow = 1'795'163'400'000;
constexpr TimeMs kMinute = 60'000;

Credential granted(std::vector<Grant> grants) {
    Credential credential;
    credential.grants = std::move(grants);
    return credential;
}

TEST(GrantRights, NameServiceApiAndEnvironment) {
    const Credential credential =
        granted({{"svc_1", "api_1", "release", "gra_1"}, {"svc_1", "api_2", "", "gra_2"}});
    EXPECT_EQ(credential.right_to("svc_1", "api_1", "release", kNow), Right::Granted);
    EXPECT_EQ(credential.right_to("svc_1", "api_1", "test", kNow), Right::None);
    EXPECT_EQ(credential.right_to("svc_1", "api_2", "test", kNow), Right::Granted);
    EXPECT_EQ(credential.right_to("svc_1", "api_3", "release", kNow), Right::None);
    EXPECT_EQ(credential.right_to("svc_2", "api_1", "release", kNow), Right::None);
}

TEST(GrantRights, EndInTheMillisecondTheyExpire) {
    const Credential credential = granted({{"svc_1", "api_1", "", "gra_1", kNow}});
    EXPECT_EQ(credential.right_to("svc_1", "api_1", "test", kNow - 1), Right::Granted);
    EXPECT_EQ(credential.right_to("svc_1", "api_1", "test", kNow), Right::Expired);
    EXPECT_EQ(credential.right_to("svc_1", "api_2", "test", kNow), Right::None);
}

TEST(GrantRights, OneThatLastsStandsBesideOneThatIsOver) {
    const Credential credential =
        granted({{"svc_1", "api_1", "", "gra_1", kNow}, {"svc_1", "", "", "gra_2"}});
    EXPECT_EQ(credential.right_to("svc_1", "api_1", "test", kNow), Right::Granted);
}

TEST(GrantRights, TokensAreIssuedByTheOneThatLastsLongest) {
    const std::vector<Grant> ends{{"svc_1", "api_1", "", "gra_1", kNow + 1},
                                  {"svc_1", "api_2", "", "gra_2", kNow + 3},
                                  {"svc_1", "api_3", "", "gra_3", kNow + 2}};
    EXPECT_EQ(granted(ends).grant_for("svc_1", "test", kNow)->id, "gra_2");
    std::vector<Grant> one_lasts = ends;
    one_lasts.insert(one_lasts.begin() + 1, {"svc_1", "", "", "gra_4"});
    EXPECT_EQ(granted(one_lasts).grant_for("svc_1", "test", kNow)->id, "gra_4");
    EXPECT_EQ(granted(ends).grant_for("svc_1", "test", kNow + 3), nullptr);
    EXPECT_EQ(granted(ends).grant_for("svc_2", "test", kNow), nullptr);
}

TEST(KeyPairSecrets, ThePreviousOneOpensUntilItsTime) {
    const KeyPair pair{.key = "key",
                       .secret = Secret("new secret"),
                       .previous = Secret("old secret"),
                       .previous_until = kNow};
    EXPECT_EQ(pair.match("new secret", kNow), SecretMatch::Current);
    EXPECT_EQ(pair.match("old secret", kNow - 1), SecretMatch::Previous);
    EXPECT_EQ(pair.match("old secret", kNow), SecretMatch::None);
    EXPECT_EQ(pair.match("any secret", kNow - 1), SecretMatch::None);
    const KeyPair without{.key = "key", .secret = Secret("new secret")};
    EXPECT_EQ(without.match("", 0), SecretMatch::None) << "no previous secret is no empty one";
}

TEST(CredentialTokens, OfThePreviousSecretCarryOneLess) {
    Credential credential;
    credential.generation = 5;
    EXPECT_TRUE(credential.honours(5, kNow));
    EXPECT_FALSE(credential.honours(4, kNow));
    credential.oauth2.previous_until = kNow;
    EXPECT_TRUE(credential.honours(4, kNow - 1));
    EXPECT_FALSE(credential.honours(4, kNow));
    EXPECT_FALSE(credential.honours(3, kNow - 1));
    EXPECT_FALSE(credential.honours(6, kNow - 1));
}

std::string mac_of(const crypto::HmacKey& key) {
    return std::string(key.sign("message").view());
}

std::string mac_by(const char* secret) {
    return mac_of(crypto::HmacKey(crypto::HmacAlgorithm::Sha256, Secret(secret)));
}

TEST(CredentialHmacKeys, AreOfAllowedAlgorithmsAndOfThePreviousSecretUntilItsTime) {
    using enum crypto::HmacAlgorithm;
    Credential credential;
    credential.hmac = {.key = "key",
                       .secret = Secret("new"),
                       .previous = Secret("old"),
                       .previous_until = kNow};
    EXPECT_EQ(credential.hmac_key(Sha256), nullptr);
    EXPECT_EQ(credential.previous_hmac_key(Sha256, kNow - 1), nullptr);
    credential.allow(Sha256);
    EXPECT_EQ(mac_of(*credential.hmac_key(Sha256)), mac_by("new"));
    EXPECT_EQ(mac_of(*credential.previous_hmac_key(Sha256, kNow - 1)), mac_by("old"));
    EXPECT_EQ(credential.previous_hmac_key(Sha256, kNow), nullptr);
    EXPECT_EQ(credential.hmac_key(Sha512), nullptr);
    EXPECT_EQ(credential.hmac_key(Sha256), credential.hmac_key(Sha256)) << "made once";
    credential.hmac.previous = {};
    EXPECT_EQ(credential.previous_hmac_key(Sha256, kNow - 1), nullptr)
        << "no previous secret is no empty one";
}

TEST(CredentialHmacKeys, ACopySignsWithItsOwnSecret) {
    Credential credential;
    credential.hmac.secret = Secret("one");
    credential.allow(crypto::HmacAlgorithm::Sha256);
    ASSERT_EQ(mac_of(*credential.hmac_key(crypto::HmacAlgorithm::Sha256)), mac_by("one"));
    Credential copy = credential;
    copy.hmac.secret = Secret("two");
    EXPECT_EQ(mac_of(*copy.hmac_key(crypto::HmacAlgorithm::Sha256)), mac_by("two"));
    credential = copy;
    EXPECT_EQ(mac_of(*credential.hmac_key(crypto::HmacAlgorithm::Sha256)), mac_by("two"));
}

TEST(CredentialHmacKeys, MayBeAskedForByManyThreadsAtOnce) {
    for (int round = 0; round < 20; ++round) {
        Credential credential;
        credential.hmac.secret = Secret("secret");
        credential.allow(crypto::HmacAlgorithm::Sha256);
        std::array<const crypto::HmacKey*, 4> keys{};
        {
            std::vector<std::jthread> threads;
            for (const crypto::HmacKey*& key : keys) {
                threads.emplace_back([&credential, &key] {
                    key = credential.hmac_key(crypto::HmacAlgorithm::Sha256);
                });
            }
        }
        for (const crypto::HmacKey* key : keys) {
            EXPECT_EQ(key, keys.front());
        }
        EXPECT_EQ(mac_of(*keys.front()), mac_by("secret"));
    }
}

TEST(CredentialUse, IsToldByTheMinuteAndOnce) {
    CredentialUse use;
    EXPECT_EQ(use.report(PairKind::Basic), std::nullopt);
    use.note(PairKind::Basic, kNow + 1);
    use.note(PairKind::Basic, kNow + kMinute - 1);
    EXPECT_EQ(use.report(PairKind::Basic), kNow / kMinute * kMinute);
    EXPECT_EQ(use.report(PairKind::Basic), std::nullopt);
    EXPECT_EQ(use.report(PairKind::Hmac), std::nullopt) << "that is another pair";
    use.note(PairKind::Basic, kNow);
    EXPECT_EQ(use.report(PairKind::Basic), std::nullopt) << "the same minute";
    use.note(PairKind::Basic, kNow + kMinute);
    EXPECT_EQ(use.report(PairKind::Basic), kNow / kMinute * kMinute + kMinute);
}

}  // namespace
}  // namespace lintel::gateway
