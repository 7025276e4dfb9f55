#include "base/id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace lintel {
namespace {

struct Service;
struct Release;

TEST(Id, CarriesItsPrefixAndTwentySixCharacters) {
    const std::string id = make_id("svc");
    ASSERT_EQ(id.size(), 4U + 26U);
    EXPECT_EQ(id.substr(0, 4), "svc_");
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 4), std::string::npos) << id;
}

TEST(Id, SortsInTheOrderOfMaking) {
    std::vector<std::string> ids;
    for (int i = 0; i < 10'000; ++i) {
        ids.push_back(make_id("x"));
    }
    EXPECT_TRUE(std::ranges::is_sorted(ids));
}

TEST(Id, NeverRepeatsAcrossThreads) {
    std::mutex mutex;
    std::set<std::string> seen;
    const auto make = [&] {
        std::vector<std::string> mine;
        for (int i = 0; i < 5'000; ++i) {
            mine.push_back(make_id("x"));
        }
        const std::scoped_lock lock(mutex);
        seen.insert(mine.begin(), mine.end());
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back(make);
        }
    }
    EXPECT_EQ(seen.size(), 20'000U);
}

TEST(Id, OfOneNounIsNotAnIdOfAnother) {
    EXPECT_FALSE((std::is_convertible_v<Id<Service>, Id<Release>>));
    EXPECT_FALSE((std::is_constructible_v<Id<Service>, Id<Release>>));
    EXPECT_FALSE((std::is_convertible_v<std::string, Id<Service>>));
}

TEST(Id, ComparesAndHashesByValue) {
    const Id<Service> one("svc_1");
    EXPECT_EQ(one, Id<Service>("svc_1"));
    EXPECT_LT(one, Id<Service>("svc_2"));
    EXPECT_EQ(std::hash<Id<Service>>{}(one), std::hash<Id<Service>>{}(Id<Service>("svc_1")));
    EXPECT_TRUE(Id<Service>().empty());
}

}  // namespace
}  // namespace lintel
