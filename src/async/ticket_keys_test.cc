#include "async/ticket_keys.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel::async {
namespace {

using namespace std::chrono_literals;

std::string name_of(const TicketKey& key) {
    return {key.name.begin(), key.name.end()};
}

TEST(TicketKeys, SealForOneLifeAndOpenForTwo) {
    TicketKeys keys;
    const TicketKeys::Time start{};
    const TicketKey first = keys.newest(start);
    EXPECT_EQ(name_of(keys.newest(start + TicketKeys::kLife - 1s)), name_of(first));
    const TicketKey second = keys.newest(start + TicketKeys::kLife);
    EXPECT_NE(name_of(second), name_of(first));
    EXPECT_NE(second.cipher, first.cipher);
    EXPECT_NE(second.mac, first.mac);

    const TicketKeys::Time later = start + TicketKeys::kLife + 1h;
    ASSERT_TRUE(keys.find(name_of(second), later));
    EXPECT_TRUE(keys.find(name_of(second), later)->is_newest);
    ASSERT_TRUE(keys.find(name_of(first), later));
    EXPECT_FALSE(keys.find(name_of(first), later)->is_newest);
    EXPECT_EQ(keys.find(name_of(first), later)->cipher, first.cipher);
    EXPECT_FALSE(keys.find(name_of(first), start + 2 * TicketKeys::kLife));
}

TEST(TicketKeys, OfAnotherListenerAreUnknown) {
    TicketKeys ours;
    TicketKeys theirs;
    const TicketKeys::Time now{};
    ours.newest(now);
    EXPECT_FALSE(ours.find(name_of(theirs.newest(now)), now));
    EXPECT_FALSE(ours.find("", now));
    EXPECT_FALSE(TicketKeys().find(std::string(TicketKey::kNameSize, '\0'), now));
}

}  // namespace
}  // namespace lintel::async
