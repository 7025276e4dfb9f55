#include "crypto/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace lintel::crypto {
namespace {

// The smallest cost the algorithm allows: what is tested does not depend on it.
constexpr PasswordCost kCheap{.memory_bytes = 8192, .passes = 1};

TEST(PasswordHasher, KnowsTheRightPassword) {
    const PasswordHasher hasher(MasterKey::generate(), kCheap);
    const std::string phc = hasher.hash(Secret("correct horse"));
    EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << phc;
    EXPECT_TRUE(hasher.verify(phc, Secret("correct horse")));
    EXPECT_FALSE(hasher.verify(phc, Secret("correct horse ")));
    EXPECT_FALSE(hasher.verify(phc, Secret("")));
    EXPECT_NE(hasher.hash(Secret("correct horse")), phc) << "every hash has its own salt";
}

TEST(PasswordHasher, PasswordsMayHoldAnyBytes) {
    const PasswordHasher hasher(MasterKey::generate(), kCheap);
    const std::string phc = hasher.hash(Secret(std::string_view("a\0b", 3)));
    EXPECT_TRUE(hasher.verify(phc, Secret(std::string_view("a\0b", 3))));
    EXPECT_FALSE(hasher.verify(phc, Secret("a")));
}

TEST(PasswordHasher, AStolenTableIsWorthNothingWithoutTheMasterKey) {
    const std::string phc = PasswordHasher(MasterKey::generate(), kCheap).hash(Secret("p"));
    EXPECT_FALSE(PasswordHasher(MasterKey::generate(), kCheap).verify(phc, Secret("p")));
}

TEST(PasswordHasher, NobodysPasswordIsNeverRight) {
    const PasswordHasher hasher(MasterKey::generate(), kCheap);
    EXPECT_FALSE(hasher.verify_nobody(Secret("")));
    EXPECT_FALSE(hasher.verify("", Secret("")));
    EXPECT_FALSE(hasher.verify("not a hash", Secret("not a hash")));
}

TEST(PasswordHasher, NobodysPasswordTakesAsLongAsAWrongOne) {
    const PasswordHasher hasher(MasterKey::generate(), {.memory_bytes = 1U << 20, .passes = 1});
    const std::string phc = hasher.hash(Secret("p"));
    const auto time_of = [](const auto& check) {
        const auto began = std::chrono::steady_clock::now();
        check();
        return std::chrono::steady_clock::now() - began;
    };
    auto wrong = std::chrono::steady_clock::duration::max();
    auto nobody = wrong;
    // In turns: the machine may be slower for a while.
    for (int i = 0; i < 20; ++i) {
        wrong = std::min(wrong, time_of([&] { EXPECT_FALSE(hasher.verify(phc, Secret("q"))); }));
        nobody =
            std::min(nobody, time_of([&] { EXPECT_FALSE(hasher.verify_nobody(Secret("q"))); }));
    }
    EXPECT_GT(nobody * 2, wrong);
}

TEST(PasswordHasher, AsksForANewHashWhenTheCostChanged) {
    const MasterKey key = MasterKey::generate();
    const PasswordHasher cheap(key, kCheap);
    const PasswordHasher dearer(key, {.memory_bytes = 16'384, .passes = 2});
    const std::string phc = cheap.hash(Secret("p"));
    EXPECT_FALSE(cheap.needs_rehash(phc));
    EXPECT_TRUE(dearer.needs_rehash(phc));
    EXPECT_TRUE(dearer.verify(phc, Secret("p"))) << "old hashes stay good until then";
}

TEST(PasswordHasher, TheUsualCostIs64MiBAndTwoPasses) {
    const PasswordHasher hasher(MasterKey::generate());
    EXPECT_TRUE(hasher.hash(Secret("p")).starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
}

}  // namespace
}  // namespace lintel::crypto
