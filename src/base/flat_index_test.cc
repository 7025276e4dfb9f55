#include "base/flat_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace lintel {
namespace {

std::vector<std::uint32_t> positions(const FlatIndex& index, std::size_t hash) {
    std::vector<std::uint32_t> found;
    index.any_of(hash, [&](std::uint32_t position) {
        found.push_back(position);
        return false;
    });
    return found;
}

TEST(FlatIndex, AnEmptyOneHoldsNothing) {
    EXPECT_FALSE(FlatIndex().any_of(7, [](std::uint32_t) { return true; }));
    EXPECT_FALSE(FlatIndex(100).any_of(7, [](std::uint32_t) { return true; }));
}

TEST(FlatIndex, FindsWhatANaiveTableFindsWhileItGrows) {
    std::minstd_rand random(4711);
    FlatIndex index;
    std::multimap<std::string, std::uint32_t> naive;
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::string key = "/things/" + std::to_string(random() % 3'000);
        index.add(FlatIndex::hash(key), i);
        naive.emplace(key, i);
    }
    for (int i = 0; i < 4'000; ++i) {
        const std::string key = "/things/" + std::to_string(i);
        const auto [first, last] = naive.equal_range(key);
        std::vector<std::uint32_t> expected;
        for (auto at = first; at != last; ++at) {
            expected.push_back(at->second);
        }
        EXPECT_EQ(positions(index, FlatIndex::hash(key)), expected) << key;
    }
}

TEST(FlatIndex, ManyOfOneHashAreAskedInOrderUntilOneIsIt) {
    FlatIndex index(3);
    for (std::uint32_t i = 0; i < 20; ++i) {
        index.add(42, i);
    }
    EXPECT_EQ(positions(index, 42).size(), 20U);
    std::uint32_t asked = 0;
    EXPECT_TRUE(index.any_of(42, [&](std::uint32_t position) {
        EXPECT_EQ(position, asked++);
        return position == 4;
    }));
    EXPECT_EQ(asked, 5U);
    EXPECT_TRUE(positions(index, 43).empty());
}

}  // namespace
}  // namespace lintel
