#include "base/secret.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

namespace lintel {
namespace {

TEST(Secret, RevealsWhatItHolds) {
    EXPECT_EQ(Secret("s3cret").reveal(), "s3cret");
    EXPECT_EQ(Secret(std::string_view("a\0b", 3)).reveal(), std::string_view("a\0b", 3));
    EXPECT_TRUE(Secret().empty());
}

TEST(Secret, PrintsAsRedacted) {
    EXPECT_EQ(fmt::format("{}", Secret("hunter2")), "[redacted]");
    EXPECT_EQ(testing::PrintToString(Secret("hunter2")), "[redacted]");
}

TEST(Secret, ComparesOnlyInConstantTime) {
    EXPECT_TRUE(Secret("abc").equals("abc"));
    EXPECT_FALSE(Secret("abc").equals("abd"));
    EXPECT_FALSE(Secret("abc").equals("ab"));
    EXPECT_FALSE(Secret("abc").equals(""));
    EXPECT_TRUE(Secret("").equals(""));
    EXPECT_FALSE(std::equality_comparable<Secret>);
    EXPECT_TRUE(constant_time_equal("\xFF\x01", "\xFF\x01"));
    EXPECT_FALSE(constant_time_equal("\x7F\x01", "\xFF\x01"));
}

TEST(Secret, LeavesNothingBehindWhenMovedFrom) {
    const auto expect_moved = [](const std::string& text, const Secret& from, const char* before,
                                 const Secret& to) {
        EXPECT_EQ(to.reveal(), text);
        EXPECT_TRUE(from.empty());
        if (to.reveal().data() == before) { return; }  // the bytes themselves went over
        EXPECT_EQ(std::string(before, text.size()), std::string(text.size(), '\0'));
    };
    for (const std::string text : {"short", "long enough that the string allocates on the heap"}) {
        Secret from(text);
        const char* before = from.reveal().data();
        Secret to(std::move(from));
        expect_moved(text, from, before, to);  // NOLINT(bugprone-use-after-move)
        before = to.reveal().data();
        Secret assigned("what was there before");
        assigned = std::move(to);
        expect_moved(text, to, before, assigned);  // NOLINT(bugprone-use-after-move)
    }
}

TEST(Secret, SurvivesAssignmentToItself) {
    Secret secret("abc");
    const Secret& same = secret;
    secret = same;
    EXPECT_EQ(secret.reveal(), "abc");
}

TEST(Secret, AssignmentReplacesTheValue) {
    Secret secret("old value that is long enough for the heap");
    const Secret copy("new");
    secret = copy;
    EXPECT_EQ(secret.reveal(), "new");
    secret = Secret("newer");
    EXPECT_EQ(secret.reveal(), "newer");
}

}  // namespace
}  // namespace lintel
