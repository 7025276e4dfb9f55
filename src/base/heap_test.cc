#include "base/heap.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace lintel {
namespace {

/// Whether the kernel was asked to back the address with large pages (proc(5), smaps).
bool is_on_large_pages(const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream mappings("/proc/self/smaps");
    bool is_inside = false;
    for (std::string line; std::getline(mappings, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char dash = 0;
        std::istringstream text(line);
        if (text >> std::hex >> begin >> dash >> end && dash == '-') {
            is_inside = at >= begin && at < end;
        } else if (is_inside && line.starts_with("VmFlags:")) {
            return line.contains(" hg");
        }
    }
    return false;
}

/// Whether the page of the address is in memory.
bool is_resident(const char* address) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto at = reinterpret_cast<std::uintptr_t>(address) / page * page;
    unsigned char state = 0;
    EXPECT_EQ(::mincore(reinterpret_cast<void*>(at), page, &state), 0);
    return (state & 1) != 0;
}

class LargePagesTest : public testing::Test {
protected:
    void SetUp() override {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
        GTEST_SKIP() << "the sanitizer's heap knows nothing of them";
#endif
        if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) {
            GTEST_SKIP() << "the kernel has none";
        }
    }

    /// Not taken back from what was freed before.
    static std::unique_ptr<char[]> some_memory() { return std::make_unique<char[]>(300'000); }
};

TEST_F(LargePagesTest, AreForWhatIsAllocatedMeanwhile) {
    const auto before = some_memory();
    std::unique_ptr<char[]> meanwhile;
    {
        const OnLargePages on_large_pages;
        meanwhile = some_memory();
    }
    const auto after = some_memory();
    EXPECT_FALSE(is_on_large_pages(before.get()));
    EXPECT_TRUE(is_on_large_pages(meanwhile.get()));
    EXPECT_FALSE(is_on_large_pages(after.get()));
}

TEST_F(LargePagesTest, AreForOneThread) {
    const OnLargePages on_large_pages;
    std::unique_ptr<char[]> elsewhere;
    std::jthread([&] { elsewhere = some_memory(); }).join();
    EXPECT_FALSE(is_on_large_pages(elsewhere.get()));
    EXPECT_TRUE(is_on_large_pages(some_memory().get()));
}

TEST_F(LargePagesTest, AreGivenBackWholeOnly) {
    constexpr std::size_t kPiece = 64 << 10;
    constexpr std::size_t kMany = 8 << 20;
    std::vector<std::unique_ptr<char[]>> pieces;
    const char* hole = nullptr;
    const char* middle = nullptr;
    {
        const OnLargePages on_large_pages;
        for (int i = 0; i < 8; ++i) {
            pieces.push_back(std::make_unique<char[]>(kPiece));
        }
        const auto many = std::make_unique<char[]>(kMany);
        hole = pieces[4].get() + kPiece / 2;
        middle = many.get() + kMany / 2;
        pieces[4].reset();
    }
    release_freed_memory();
    EXPECT_TRUE(is_resident(hole)) << "what came there next would lie on small pages";
    EXPECT_FALSE(is_resident(middle));
}

TEST_F(LargePagesTest, MayBeFreedLaterAndElsewhere) {
    std::vector<std::string> texts;
    {
        const OnLargePages on_large_pages;
        for (int i = 0; i < 10'000; ++i) {
            texts.emplace_back(100 + i % 50, 'x');
        }
    }
    std::jthread([&] { texts.clear(); }).join();
    release_freed_memory();
    const OnLargePages on_large_pages;
    EXPECT_EQ(std::string(200, 'y').size(), 200U);
}

}  // namespace
}  // namespace lintel
