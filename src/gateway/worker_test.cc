#include "gateway/worker.h"

#include <gtest/gtest.h>

#include <set>

#include "async/loop.h"
#include "gateway/request_id.h"

namespace lintel::gateway {
namespace {

// A pin never leaves its worker, and what it gives never outlives it: none of this compiles.
template <typename Pin>
concept IsLoose = std::is_copy_constructible_v<Pin> || std::is_move_constructible_v<Pin> ||
                  std::is_copy_assignable_v<Pin> || std::is_move_assignable_v<Pin> ||
                  std::is_default_constructible_v<Pin>;
template <typename Pin>
concept TemporaryGivesReference = requires(Pin&& pin) { *std::forward<Pin>(pin); };
template <typename Pin>
concept TemporaryGivesMember = requires(Pin&& pin) { std::forward<Pin>(pin)->revision(); };
static_assert(!IsLoose<SnapshotPin>);
static_assert(!TemporaryGivesReference<SnapshotPin>);
static_assert(!TemporaryGivesMember<SnapshotPin>);
static_assert(TemporaryGivesReference<SnapshotPin&>);

class WorkerTest : public testing::Test {
protected:
    static std::unique_ptr<const Snapshot> snapshot(std::int64_t revision) {
        auto made =
            std::make_unique<const Snapshot>(revision, RouteTable(),
                                             std::make_shared<const CredentialTable>(
                                                 std::vector<std::shared_ptr<const Credential>>()));
        made->add_holder();
        return made;
    }
    SystemClock clock;
    WorkerEnvironment environment{clock, {}};
    std::unique_ptr<async::Loop> loop = async::Loop::open().value();
};

TEST_F(WorkerTest, RequestsUnderWayKeepTheirSnapshotNewOnesGetTheNewest) {
    const auto first = snapshot(1);
    const auto second = snapshot(2);
    const auto third = snapshot(3);
    {
        Worker worker(*loop, environment, nullptr, *first);
        {
            const SnapshotPin old = worker.pin();
            worker.install(*second);
            EXPECT_EQ(old->revision(), 1);
            EXPECT_EQ(worker.revision(), 2);
            {
                const SnapshotPin now = worker.pin();
                EXPECT_EQ(now->revision(), 2);
            }
            EXPECT_EQ(first->holders(), 1);
            EXPECT_EQ(second->holders(), 1);
        }
        EXPECT_EQ(first->holders(), 0);
        worker.install(*third);
        EXPECT_EQ(second->holders(), 0);
        EXPECT_EQ(third->holders(), 1);
    }
    EXPECT_EQ(third->holders(), 0);
}

TEST_F(WorkerTest, ASnapshotInUseIsNeverFreed) {
    auto held = snapshot(1);
    EXPECT_DEATH(held.reset(), "a snapshot was freed while a worker used it");
    held->drop_holder();
}

TEST(RequestIds, AreUniqueAndSortByTime) {
    RequestIds one;
    RequestIds other;
    Arena arena;
    std::set<std::string> seen;
    std::string before;
    for (TimeMs now = 1'700'000'000'000; now < 1'700'000'001'000; ++now) {
        for (RequestIds* ids : {&one, &other}) {
            const std::string id(ids->next(now, arena));
            EXPECT_EQ(id.size(), 30U);
            EXPECT_TRUE(seen.insert(id).second) << id;
        }
        const std::string id(one.next(now, arena));
        EXPECT_LT(before, id);
        before = id;
    }
}

}  // namespace
}  // namespace lintel::gateway
