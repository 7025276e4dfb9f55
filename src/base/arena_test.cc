#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace lintel {
namespace {

const void* room_for(Arena& arena, std::size_t size) {
    return arena.allocate(size, 1);
}

TEST(Arena, KeepsWhatItWasGiven) {
    Arena arena;
    EXPECT_EQ(arena.copy("hello"), "hello");
    EXPECT_EQ(arena.concat({"a", "", "bc"}), "abc");
    EXPECT_EQ(arena.copy(""), "");
    const std::string large(3 * Arena::kBlockSize, 'x');
    const std::string_view first = arena.copy(large);
    const std::string_view second = arena.copy("behind it");
    EXPECT_EQ(first, large);
    EXPECT_EQ(second, "behind it");
}

TEST(Arena, AlignsAsAsked) {
    Arena arena;
    for (const std::size_t alignment : {1U, 2U, 8U, 16U}) {
        arena.copy("x");
        const auto at = reinterpret_cast<std::uintptr_t>(arena.allocate(24, alignment));
        EXPECT_EQ(at % alignment, 0U);
    }
}

TEST(Arena, UsesItsBlockAgain) {
    Arena arena;
    const void* first = room_for(arena, Arena::kFirstBlock / 2);
    arena.reset();
    EXPECT_EQ(room_for(arena, Arena::kFirstBlock / 2), first);
}

TEST(Arena, BeginsWithMoreWhereTheFirstBlockWasTooSmall) {
    Arena arena;
    room_for(arena, Arena::kFirstBlock);
    const void* second = room_for(arena, Arena::kFirstBlock);
    arena.reset();
    EXPECT_EQ(room_for(arena, Arena::kBlockSize), second) << "all of a usual block";
    arena.reset();
    EXPECT_EQ(room_for(arena, 1), second);
}

TEST(Arena, DoesNotKeepWhatALargeRequestTook) {
    Arena arena;
    const auto* large = static_cast<const char*>(room_for(arena, 100 * Arena::kBlockSize));
    arena.reset();
    const auto* small = static_cast<const char*>(room_for(arena, 1));
    const auto* next = static_cast<const char*>(room_for(arena, Arena::kFirstBlock));
    EXPECT_NE(next, small + 1) << "the block is a first one again";
    EXPECT_NE(large, nullptr);
}

}  // namespace
}  // namespace lintel
