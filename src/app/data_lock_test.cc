#include "app/data_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include <fmt/core.h>

namespace lintel::app {
namespace {

TEST(DataLock, IsHeldByOneAndFreedWithIt) {
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("lintel-lock-test-{}", ::getpid());
    std::filesystem::create_directories(folder);
    {
        const auto first = DataLock::take(folder);
        ASSERT_TRUE(first.has_value()) << first.error().message;
        const auto second = DataLock::take(folder);
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code, Code::StartFailed);
        EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
    }
    EXPECT_TRUE(DataLock::take(folder).has_value());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lintel::app
