#include "base/log.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace lintel::log {
namespace {

std::string as_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

/// What one call writes to stderr.
std::string written(Level level, std::string_view message, std::initializer_list<Field> fields) {
    testing::internal::CaptureStderr();
    write(level, message, fields);
    return testing::internal::GetCapturedStderr();
}

TEST(Log, EscapesWhateverCouldBreakTheLine) {
    EXPECT_EQ(as_json("plain"), R"("plain")");
    EXPECT_EQ(as_json("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(as_json("a\nb\r\tc"), R"("a\u000ab\u000d\u0009c")");
    EXPECT_EQ(as_json(std::string_view("\0\x1B[31m\x7F", 7)), R"("\u0000\u001b[31m\u007f")");
    EXPECT_EQ(as_json("\xE2\x80\xA8\xE2\x80\xA9"), R"("\u2028\u2029")");
    EXPECT_EQ(as_json("\xE5\xBC\xA0"), "\"\xE5\xBC\xA0\"");
    EXPECT_EQ(as_json("a\xFF\xC3"), R"("a\ufffd\ufffd")");
}

TEST(Log, AnyTwoBytesMakeOneLineOfValidJson) {
    for (int high = 0; high < 256; ++high) {
        for (int low = 0; low < 256; ++low) {
            const std::string bytes = {static_cast<char>(high), static_cast<char>(low)};
            const std::string json = as_json(bytes);
            ASSERT_EQ(json.find('\n'), std::string::npos);
            ASSERT_TRUE(nlohmann::json::accept(json)) << high << ' ' << low;
        }
    }
}

TEST(Log, WritesOneJsonObjectALine) {
    const std::string text = "a \"quoted\"\nname";
    const std::string line = written(
        Level::Warn, "release published",
        {{"service", text}, {"release", 7}, {"ratio", 0.5}, {"again", true}, {"by", "ann"}});
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    const auto entry = nlohmann::json::parse(line);
    EXPECT_EQ(entry["message"], "release published");
    EXPECT_EQ(entry["level"], "warn");
    EXPECT_EQ(entry["service"], text);
    EXPECT_EQ(entry["release"], 7);
    EXPECT_EQ(entry["ratio"], 0.5);
    EXPECT_EQ(entry["again"], true);
    EXPECT_EQ(entry["by"], "ann");
    EXPECT_EQ(entry["time"].get<std::string>().size(), 24U);
}

TEST(Log, DropsWhatIsBelowTheLevel) {
    EXPECT_EQ(written(Level::Debug, "not wanted", {}), "");
    set_level(Level::Error);
    EXPECT_EQ(written(Level::Warn, "not wanted", {}), "");
    EXPECT_NE(written(Level::Error, "wanted", {}), "");
    set_level(Level::Info);
    EXPECT_NE(written(Level::Info, "wanted", {}), "");
}

TEST(Log, ReadsTheNamesOfLevels) {
    Level level = Level::Info;
    EXPECT_TRUE(parse_level("debug", level));
    EXPECT_EQ(level, Level::Debug);
    EXPECT_FALSE(parse_level("loud", level));
    EXPECT_EQ(level, Level::Debug);
}

}  // namespace
}  // namespace lintel::log
