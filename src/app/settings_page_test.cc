#include "app/settings_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lintel::app {
namespace {

TEST(SettingsPage, IsWhatTheTableSays) {
    const std::string path = LINTEL_SOURCE_DIR "/docs/settings.md";
    if (std::getenv("LINTEL_UPDATE_DOCS") != nullptr) { std::ofstream(path) << settings_page(); }
    std::ostringstream written;
    written << std::ifstream(path).rdbuf();
    EXPECT_EQ(written.str(), settings_page())
        << "docs/settings.md is stale: LINTEL_UPDATE_DOCS=1 app_test writes it";
}

}  // namespace
}  // namespace lintel::app
