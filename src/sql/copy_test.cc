#include "sql/copy.h"

#include <gtest/gtest.h>

#include "support/empty_database.h"

namespace lintel::sql {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE migrations (number BIGINT PRIMARY KEY);"
    "CREATE TABLE zoos (id TEXT PRIMARY KEY, open BOOLEAN, visits BIGINT);"
    "CREATE TABLE animals (id TEXT PRIMARY KEY, zoo TEXT REFERENCES zoos (id))";

class CopyTest : public support::OnBothEngines {
protected:
    Database file_with(int animals) {
        Database file = Database::open(folder_ / "file.db").value();
        Transaction tx = file.begin(Access::Write).value();
        EXPECT_TRUE(tx.run_script(kSchema));
        EXPECT_TRUE(tx.run_script(
            "INSERT INTO migrations VALUES (1);"
            "INSERT INTO zoos VALUES ('a', TRUE, 9000000000), ('b\x01\\\xc3\xa4', NULL, -1)"));
        for (int i = 0; i < animals; ++i) {
            EXPECT_TRUE(
                tx.execute("INSERT INTO animals VALUES ($1, 'a')", {"n" + std::to_string(i)}));
        }
        EXPECT_TRUE(tx.commit());
        return file;
    }
    Database empty() {
        Database database = place_.open();
        Transaction tx = database.begin(Access::Write).value();
        EXPECT_TRUE(tx.run_script(kSchema));
        EXPECT_TRUE(tx.commit());
        return database;
    }

    support::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, CopyTest, support::kEngines, support::engine_name);

TEST_P(CopyTest, EveryRowArrivesAsItIsButTheRecordOfTheSchema) {
    Database file = file_with(250);
    Database database = empty();
    Transaction from = file.begin(Access::Read).value();
    Transaction to = database.begin(Access::Write).value();
    const std::vector<CopiedTable> copied = copy_file(from, to).value();
    ASSERT_EQ(copied.size(), 2U);
    EXPECT_EQ(copied[0].name, "zoos");
    EXPECT_EQ(copied[0].rows, 2);
    EXPECT_EQ(copied[1].rows, 250);
    EXPECT_TRUE(to.query("SELECT * FROM migrations")->empty());
    const std::vector<Row> zoos = to.query("SELECT id, open, visits FROM zoos ORDER BY id").value();
    EXPECT_TRUE(zoos[0].flag(1));
    EXPECT_EQ(zoos[0].integer(2), 9'000'000'000);
    EXPECT_EQ(zoos[1].text(0), "b\x01\\\xc3\xa4");
    EXPECT_TRUE(zoos[1].is_null(1));
}

TEST_P(CopyTest, WhatIsThereAlreadyIsARefusal) {
    Database file = file_with(1);
    Database database = empty();
    Transaction to = database.begin(Access::Write).value();
    ASSERT_TRUE(to.execute("INSERT INTO zoos VALUES ('c', TRUE, 1)"));
    Transaction from = file.begin(Access::Read).value();
    const auto copied = copy_file(from, to);
    ASSERT_FALSE(copied);
    EXPECT_NE(copied.error().cause.find("zoos has 2 rows, 3"), std::string::npos);
}

}  // namespace
}  // namespace lintel::sql
