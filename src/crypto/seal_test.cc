#include "crypto/seal.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace lintel::crypto {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test, removed at its end.
class MasterKeyFile : public testing::Test {
protected:
    void write(std::string_view bytes, mode_t mode) const {
        std::ofstream(file_, std::ios::binary) << bytes;
        ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
    }
    std::string refusal(KeyFile missing = KeyFile::MayCreate) const {
        const auto key = MasterKey::open(file_, missing);
        if (key) { return "opened"; }
        EXPECT_EQ(key.error().code, Code::StartFailed);
        return key.error().message;
    }
    support::TemporaryFolder folder_;
    fs::path file_ = folder_ / "master.key";
};

TEST_F(MasterKeyFile, IsMadeAtTheFirstStartForItsOwnerOnly) {
    const auto made = MasterKey::open(file_, KeyFile::MayCreate);
    ASSERT_TRUE(made) << made.error().message;
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0400U);
    EXPECT_EQ(status.st_size, 32);
    const auto again = MasterKey::open(file_, KeyFile::MustExist);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->derive(Purpose::Store).equals(made->derive(Purpose::Store).reveal()));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1)
        << "no temporary file stays";
}

TEST_F(MasterKeyFile, StartingTwiceAtOnceMakesOneKey) {
    std::vector<std::string> keys(8);
    {
        std::vector<std::jthread> threads;
        for (std::string& key : keys) {
            threads.emplace_back([this, &key] {
                const auto opened = MasterKey::open(file_, KeyFile::MayCreate);
                key = opened ? opened->derive(Purpose::Store).reveal() : opened.error().message;
            });
        }
    }
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1U);
}

TEST_F(MasterKeyFile, ALostKeyIsNotReplaced) {
    EXPECT_NE(refusal(KeyFile::MustExist).find("restore the file"), std::string::npos);
    EXPECT_FALSE(fs::exists(file_));
}

TEST_F(MasterKeyFile, OthersMayNotReadIt) {
    write(std::string(32, 'k'), 0440);
    EXPECT_NE(refusal().find("0440 lets others at it; run chmod 0400"), std::string::npos);
    write(std::string(32, 'k'), 0604);
    EXPECT_NE(refusal().find("0604"), std::string::npos);
    ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
    EXPECT_EQ(refusal(), "opened");
}

TEST_F(MasterKeyFile, HasToHoldExactlyOneKey) {
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        write(std::string(size, 'k'), 0600);
        EXPECT_NE(refusal().find("a key has 32"), std::string::npos) << size;
    }
}

TEST_F(MasterKeyFile, HasToBeAFileInAPlaceThatCanBeWritten) {
    fs::create_directory(file_);
    EXPECT_NE(refusal().find("not a regular file"), std::string::npos);
    const auto nowhere = MasterKey::open(folder_ / "absent" / "master.key", KeyFile::MayCreate);
    ASSERT_FALSE(nowhere);
    EXPECT_NE(nowhere.error().message.find("cannot be made"), std::string::npos);
}

TEST(MasterKey, RecognisesTheStoreItWasMadeWith) {
    const MasterKey key = MasterKey::generate();
    EXPECT_TRUE(key.verify(key.check_value()));
    EXPECT_NE(key.check_value(), key.check_value()) << "sealed with a fresh nonce";
    const Status wrong = MasterKey::generate().verify(key.check_value());
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::StartFailed);
    EXPECT_FALSE(key.verify(""));
}

TEST(MasterKey, DerivesAnotherKeyForEachPurpose) {
    const MasterKey key = MasterKey::generate();
    std::set<std::string> keys;
    for (const Purpose purpose :
         {Purpose::Store, Purpose::Tokens, Purpose::Index, Purpose::Pepper}) {
        const Secret derived = key.derive(purpose);
        EXPECT_EQ(derived.reveal().size(), 32U);
        keys.emplace(derived.reveal());
    }
    EXPECT_EQ(keys.size(), 4U);
}

TEST(Sealer, OpensWhatItSealed) {
    const MasterKey key = MasterKey::generate();
    const Sealer sealer(key, Purpose::Store);
    for (const std::string& plain : {std::string(), std::string("s"), std::string(10'000, 'x')}) {
        const std::string sealed = sealer.seal(plain, "credential/1/secret");
        EXPECT_EQ(sealed.size(), plain.size() + Sealer::kOverhead);
        const auto opened = sealer.open(sealed, "credential/1/secret");
        ASSERT_TRUE(opened);
        EXPECT_TRUE(opened->equals(plain));
    }
}

TEST(Sealer, EveryFlippedBitIsNoticed) {
    const Sealer sealer(MasterKey::generate(), Purpose::Store);
    const std::string sealed = sealer.seal("a secret", "here");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(sealer.open(changed, "here")) << "bit " << bit;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(sealer.open(std::string_view(sealed).substr(0, size), "here"));
    }
}

TEST(Sealer, SealedBytesBelongToTheirPlacePurposeAndKey) {
    const MasterKey key = MasterKey::generate();
    const std::string sealed = Sealer(key, Purpose::Store).seal("a secret", "credential/1");
    EXPECT_FALSE(Sealer(key, Purpose::Store).open(sealed, "credential/2"));
    EXPECT_FALSE(Sealer(key, Purpose::Tokens).open(sealed, "credential/1"));
    EXPECT_FALSE(Sealer(MasterKey::generate(), Purpose::Store).open(sealed, "credential/1"));
}

}  // namespace
}  // namespace lintel::crypto
