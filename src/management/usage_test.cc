#include "management/usage.h"

#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class UsageRecordTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        service_ = create_pets().service;
    }
    void record(std::int64_t calls) {
        Usage usage;
        usage.calls[{"release", "pets"}] = calls;
        ASSERT_TRUE(record_usage(*store_, clock_, usage));
    }
    std::int64_t last_hour() { return show_service(*m_, caller_, "pets")->calls_last_hour.value(); }
    model::Service service_;
};

TEST_F(UsageRecordTest, CallsCountForAnHourAndAreNoneForALongTime) {
    EXPECT_EQ(last_hour(), 0);
    record(3);
    clock_.advance(std::chrono::minutes(30));
    record(4);
    EXPECT_EQ(last_hour(), 7);
    clock_.advance(std::chrono::minutes(30));
    EXPECT_EQ(last_hour(), 7);
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(last_hour(), 4);
    clock_.advance(std::chrono::hours(2));
    record(1);
    EXPECT_EQ(last_hour(), 1);
    store::Transaction tx = *store_->read();
    EXPECT_EQ(*tx.usage().calls_since(service_.id, 0), 1) << "older counts are dropped";
}

TEST_F(UsageRecordTest, ItIsNoEventAndNoNewVersion) {
    const std::int64_t version = show_service(*m_, caller_, "pets")->service.version;
    const std::size_t changes = publisher_.changes.size();
    record(1);
    EXPECT_EQ(show_service(*m_, caller_, "pets")->service.version, version);
    EXPECT_EQ(publisher_.changes.size(), changes);
}

}  // namespace
}  // namespace lintel::management
