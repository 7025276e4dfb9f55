#include "base/flat_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace lintel {
namespace {

struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t value = 0;
};

std::vector<std::uint32_t> values(const FlatIndex<Slot>& index, std::size_t hash) {
    std::vector<std::uint32_t> found;
    index.find(hash, [&](const Slot& slot) {
        found.push_back(slot.value);
        return false;
    });
    std::ranges::sort(found);
    return found;
}

TEST(FlatIndex, AnEmptyOneHoldsNothing) {
    EXPECT_TRUE(values(FlatIndex<Slot>(), 7).empty());
    EXPECT_TRUE(values(FlatIndex<Slot>(100), 7).empty());
    EXPECT_TRUE(values(FlatIndex<Slot>(100), 0).empty());
}

TEST(FlatIndex, FindsWhatANaiveTableFindsWhileItGrows) {
    std::minstd_rand random(4711);
    FlatIndex<Slot> index;
    std::multimap<std::string, std::uint32_t> naive;
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::string key = "/things/" + std::to_string(random() % 3'000);
        index.add(hash_of(key), {.value = i});
        naive.emplace(key, i);
    }
    for (int i = 0; i < 4'000; ++i) {
        const std::string key = "/things/" + std::to_string(i);
        const auto [first, last] = naive.equal_range(key);
        std::vector<std::uint32_t> expected;
        for (auto at = first; at != last; ++at) {
            expected.push_back(at->second);
        }
        EXPECT_EQ(values(index, hash_of(key)), expected) << key;
    }
}

TEST(FlatIndex, ManyOfOneHashAreAskedUntilOneIsIt) {
    for (const std::size_t hash : {std::size_t{0}, std::size_t{42}, ~std::size_t{0}}) {
        FlatIndex<Slot> index(3);
        for (std::uint32_t i = 0; i < 20; ++i) {
            index.add(hash, {.value = i});
        }
        EXPECT_EQ(values(index, hash).size(), 20U);
        const Slot* found = index.find(hash, [](const Slot& slot) { return slot.value == 4; });
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->value, 4U);
        EXPECT_EQ(index.find(hash, [](const Slot& slot) { return slot.value == 20; }), nullptr);
        EXPECT_TRUE(values(index, 43).empty());
    }
}

}  // namespace
}  // namespace lintel
