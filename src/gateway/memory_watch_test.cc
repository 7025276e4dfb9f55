#include "gateway/memory_watch.h"

#include <gtest/gtest.h>

namespace lintel::gateway {
namespace {

struct Pressed {
    http::ConnectionLimits connections{10};
    MemoryPressure pressure{1000, connections};

    /// "calls", "connections", or both, are refused at so many bytes.
    std::string refuses(std::uint64_t bytes) {
        pressure.judge(bytes);
        std::string said = pressure.is_high() ? "calls" : "";
        return connections.admit() ? said : said + " connections";
    }
};

TEST(MemoryPressure, RefusesCallsThenConnectionsAndEasesLater) {
    Pressed pressed;
    EXPECT_EQ(pressed.refuses(849), "");
    EXPECT_EQ(pressed.refuses(850), "calls");
    EXPECT_EQ(pressed.refuses(949), "calls");
    EXPECT_EQ(pressed.refuses(950), "calls connections");
    EXPECT_EQ(pressed.refuses(900), "calls connections");
    EXPECT_EQ(pressed.refuses(899), "calls");
    EXPECT_EQ(pressed.refuses(800), "calls");
    EXPECT_EQ(pressed.refuses(799), "");
}

TEST(MemoryWatch, LooksAtOnceAndAgain) {
    const std::unique_ptr<async::Loop> loop = *async::Loop::open();
    http::ConnectionLimits connections(10);
    MemoryPressure tight(1, connections);
    const MemoryWatch watch(*loop, tight);
    EXPECT_TRUE(tight.is_high());
    tight.judge(0);
    EXPECT_FALSE(tight.is_high());
    while (!tight.is_high()) {
        loop->turn();
    }
}

TEST(MemoryWatch, KnowsWhatTheProcessHolds) {
    EXPECT_GT(resident_bytes(), 1U << 20);
}

}  // namespace
}  // namespace lintel::gateway
