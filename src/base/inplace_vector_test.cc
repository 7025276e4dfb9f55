#include "base/inplace_vector.h"

#include <gtest/gtest.h>

#include <vector>

namespace lintel {
namespace {

using List = InplaceVector<int, 3>;

std::vector<int> contents(const List& list) {
    return {list.begin(), list.end()};
}

TEST(InplaceVector, HoldsWhatWasPutInUpToItsRoom) {
    List list;
    EXPECT_TRUE(list.empty());
    for (int i = 1; i <= 3; ++i) {
        EXPECT_TRUE(list.try_push_back(i));
    }
    EXPECT_FALSE(list.try_push_back(4));
    EXPECT_EQ(contents(list), (std::vector{1, 2, 3}));
    EXPECT_EQ(list[1], 2);
    list.pop_back();
    EXPECT_EQ(contents(list), (std::vector{1, 2}));
    list.truncate(1);
    EXPECT_EQ(contents(list), (std::vector{1}));
    list.clear();
    EXPECT_TRUE(list.empty());
}

TEST(InplaceVector, CopiesAreTheirOwn) {
    List list;
    list.push_back(1);
    List copy = list;
    copy.push_back(2);
    EXPECT_EQ(contents(list), (std::vector{1}));
    list = copy;
    EXPECT_EQ(contents(list), (std::vector{1, 2}));
    List& same = list;
    list = same;
    EXPECT_EQ(contents(list), (std::vector{1, 2}));
}

TEST(InplaceVectorDeathTest, RefusesToOutgrowItsRoom) {
    List list;
    for (int i = 0; i < 3; ++i) {
        list.push_back(i);
    }
    EXPECT_DEATH(list.push_back(3), "outgrew");
}

}  // namespace
}  // namespace lintel
