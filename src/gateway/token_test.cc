#include "gateway/token.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"

namespace lintel::gateway {
namespace {

constexpr TimeMs kTokenNow = 1'795'163'400'000;

class TokenSealerTest : public testing::Test {
protected:
    CredentialTable table(std::uint64_t generation, bool enabled = true,
                          std::string_view grant = "gra_1") const {
        auto credential = std::make_shared<Credential>();
        credential->id = "crd_1";
        credential->generation = generation;
        credential->enabled = enabled;
        credential->grants = {{"svc_1", "", "", std::string(grant)}};
        return CredentialTable({credential});
    }
    AccessToken token() const {
        return {"crd_1", 3, "svc_1", "release", kTokenNow + 1000, "gra_1"};
    }
    std::expected<const Credential*, TokenFault> verify(std::string_view text) const {
        return sealer_.verify(text, {table_, "svc_1", "release", kTokenNow});
    }
    crypto::MasterKey master_ = crypto::MasterKey::generate();
    TokenSealer sealer_{master_};
    CredentialTable table_ = table(3);
};

TEST_F(TokenSealerTest, AGoodTokenNamesItsCredential) {
    const std::string text = sealer_.issue(token());
    EXPECT_EQ(
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos)
        << "url-safe";
    const auto verified = verify(text);
    ASSERT_TRUE(verified);
    EXPECT_EQ((*verified)->id, "crd_1");
}

TEST_F(TokenSealerTest, AskingAgainGivesAnotherToken) {
    EXPECT_NE(sealer_.issue(token()), sealer_.issue(token()));
}

TEST_F(TokenSealerTest, ExpiresAtItsTime) {
    const std::string text = sealer_.issue(token());
    EXPECT_TRUE(sealer_.verify(text, {table_, "svc_1", "release", kTokenNow + 999}));
    const auto late = sealer_.verify(text, {table_, "svc_1", "release", kTokenNow + 1000});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error(), TokenFault::Expired);
}

TEST_F(TokenSealerTest, DiesWithItsCredential) {
    const std::string text = sealer_.issue(token());
    const CredentialTable tables[] = {table(4), table(2), table(3, false), table(3, true, "gra_2"),
                                      CredentialTable({})};
    for (const CredentialTable& changed : tables) {
        const auto verified = sealer_.verify(text, {changed, "svc_1", "release", kTokenNow});
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), TokenFault::Revoked);
    }
}

TEST_F(TokenSealerTest, OpensOneServiceInOneEnvironment) {
    const std::string text = sealer_.issue(token());
    for (const auto& [service, environment] :
         {std::pair{"svc_2", "release"}, std::pair{"svc_1", "test"},
          std::pair{"svc_1r", "elease"}}) {
        const auto verified = sealer_.verify(text, {table_, service, environment, kTokenNow});
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), TokenFault::OtherService);
    }
}

TEST_F(TokenSealerTest, AnyChangedCharacterMakesItMalformed) {
    const std::string text = sealer_.issue(token());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto verified = verify(changed);
        ASSERT_FALSE(verified) << i;
        EXPECT_EQ(verified.error(), TokenFault::Malformed);
    }
}

TEST_F(TokenSealerTest, StrangeTextsAreMalformed) {
    const std::string good = sealer_.issue(token());
    for (const std::string& text :
         {std::string(), std::string("x"), good + "=", good + good, " " + good,
          std::string(1 << 20, 'A'), std::string("t\0ken", 5), std::string("\u5f20\u4e09")}) {
        const auto verified = verify(text);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), TokenFault::Malformed);
    }
    const TokenSealer other(crypto::MasterKey::generate());
    EXPECT_FALSE(verify(other.issue(token())));
    // Bytes sealed by another part of the house with the same key are no token.
    EXPECT_FALSE(
        verify(to_base64url(crypto::Sealer(master_, crypto::Purpose::Tokens).seal("x", "y"))));
}

// Moving a character over the border of two fields must not give the same token contents.
TEST_F(TokenSealerTest, FieldsCannotRunIntoEachOther) {
    AccessToken shifted = token();
    shifted.service_id = "svc_1r";
    shifted.environment = "elease";
    const auto verified = verify(sealer_.issue(shifted));
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error(), TokenFault::OtherService);
}

}  // namespace
}  // namespace lintel::gateway
