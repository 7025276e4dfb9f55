#include "base/small_vector.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace lintel {
namespace {

using List = SmallVector<int, 2, 4>;

std::vector<int> contents(const List& list) {
    return {list.begin(), list.end()};
}

List up_to(int last) {
    List list;
    for (int i = 1; i <= last; ++i) {
        list.push_back(i);
    }
    return list;
}

bool lies_within(const List& list) {
    const auto* const begin = reinterpret_cast<const std::byte*>(&list);
    const auto* const data = reinterpret_cast<const std::byte*>(list.data());
    return data >= begin && data < begin + sizeof(List);
}

TEST(SmallVector, HoldsAFewInItselfAndMoreElsewhereUpToItsLimit) {
    List list;
    EXPECT_TRUE(list.empty());
    for (int i = 1; i <= 4; ++i) {
        EXPECT_TRUE(list.try_push_back(i));
        EXPECT_EQ(lies_within(list), i <= 2) << i;
        EXPECT_EQ(list[static_cast<std::size_t>(i - 1)], i);
    }
    EXPECT_FALSE(list.try_push_back(5));
    EXPECT_EQ(contents(list), (std::vector{1, 2, 3, 4}));
    list.truncate(1);
    list.push_back(7);
    EXPECT_EQ(contents(list), (std::vector{1, 7}));
    list.clear();
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(lies_within(list));
}

TEST(SmallVector, TakesOneOfItsOwnWhenItGrows) {
    List list = up_to(2);
    list.push_back(list[0]);
    EXPECT_EQ(contents(list), (std::vector{1, 2, 1}));
}

TEST(SmallVector, CopiesAreTheirOwn) {
    for (const int n : {0, 1, 2, 3, 4}) {
        const List list = up_to(n);
        const List copy = list;  // NOLINT(performance-unnecessary-copy-initialization): the subject
        EXPECT_EQ(contents(copy), contents(list));
        EXPECT_EQ(lies_within(copy), n <= 2);
        for (const int before : {0, 2, 4}) {
            List assigned = up_to(before);
            assigned = list;
            EXPECT_EQ(contents(assigned), contents(list)) << before;
            assigned.clear();
            EXPECT_EQ(contents(list), contents(copy));
        }
    }
    List list = up_to(3);
    List& same = list;
    list = same;
    EXPECT_EQ(contents(list), (std::vector{1, 2, 3}));
}

TEST(SmallVector, MovingLeavesNothingBehind) {
    for (const int n : {0, 1, 2, 3, 4}) {
        const std::vector<int> wanted = contents(up_to(n));
        for (const int before : {0, 2, 4}) {
            List from = up_to(n);
            List list = up_to(before);
            list = std::move(from);
            EXPECT_EQ(contents(list), wanted) << before;
            EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the promise
            from.push_back(9);
            EXPECT_EQ(contents(list), wanted);
        }
        List from = up_to(n);
        const List list = std::move(from);
        EXPECT_EQ(contents(list), wanted);
        EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(SmallVectorDeathTest, RefusesToOutgrowItsLimit) {
    List list = up_to(4);
    EXPECT_DEATH(list.push_back(5), "outgrew");
}

}  // namespace
}  // namespace lintel
