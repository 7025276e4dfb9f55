#include "base/error.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace lintel {
namespace {

constexpr std::array<std::string_view, 13> kPhases = {
    "accept", "parse",    "match",     "access",  "authenticate",       "authorize",
    "limit",  "validate", "transform", "backend", "transform_response", "send",
    "log"};

bool is_dotted_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.back() != '.' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string_view::npos;
}

TEST(ErrorTable, NamesAreUniqueAndDotted) {
    std::set<std::string_view> names;
    for (const CodeInfo& row : all_codes()) {
        EXPECT_TRUE(is_dotted_name(row.name)) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " is in the table twice";
    }
}

TEST(ErrorTable, EveryRowSaysWhatAndWhatToDo) {
    for (const CodeInfo& row : all_codes()) {
        EXPECT_FALSE(row.title.empty()) << row.name;
        EXPECT_NE(row.title.back(), '.') << row.name << ": a title is no sentence";
        EXPECT_EQ(row.fix.empty() ? ' ' : row.fix.back(), '.') << row.name << ": a fix is one";
        EXPECT_TRUE(row.status >= 300 && row.status < 600) << row.name;
    }
}

TEST(ErrorTable, PhasesAreThoseOfThePipeline) {
    for (const CodeInfo& row : all_codes()) {
        const bool known =
            row.phase.empty() || std::ranges::find(kPhases, row.phase) != kPhases.end();
        EXPECT_TRUE(known) << row.name << " names the phase " << row.phase;
    }
}

TEST(ErrorTable, InfoFindsTheRowOfItsCode) {
    for (const CodeInfo& row : all_codes()) {
        EXPECT_EQ(info(row.code).name, row.name);
    }
    EXPECT_EQ(info(Code::LimitRate).status, 429);
}

Result<int> half(int number) {
    if (number % 2 != 0) {
        return fail(Code::FieldInvalid, "the number is odd", "got " + std::to_string(number));
    }
    return number / 2;
}

Result<std::string> quarter(int number) {
    ASSIGN_OR_RETURN(const int first, half(number));
    ASSIGN_OR_RETURN(const int second, half(first));
    return std::to_string(second);
}

Status even(int number) {
    RETURN_IF_ERROR(half(number));
    return {};
}

TEST(Result, MacrosPassOnValuesAndErrors) {
    EXPECT_EQ(quarter(8).value(), "2");
    const auto refused = quarter(6);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::FieldInvalid);
    EXPECT_EQ(refused.error().message, "the number is odd");
    EXPECT_EQ(refused.error().cause, "got 3");
    EXPECT_TRUE(even(2).has_value());
    EXPECT_FALSE(even(1).has_value());
}

}  // namespace
}  // namespace lintel
