#include "sql/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "sql/migrations.h"
#include "support/temporary_folder.h"

namespace lintel::sql {
namespace {

class DatabaseTest : public testing::Test {
protected:
    Database open() { return Database::open(directory_ / "test.db").value(); }
    Database open_with_table() {
        Database database = open();
        Transaction tx = database.begin(Access::Write).value();
        EXPECT_TRUE(tx.run_script("CREATE TABLE t (name TEXT PRIMARY KEY, n BIGINT, b BOOLEAN)"));
        EXPECT_TRUE(tx.commit());
        return database;
    }
    static std::int64_t count(Database& database) {
        Transaction tx = database.begin(Access::Read).value();
        return tx.query_one("SELECT COUNT(*) FROM t").value()->integer(0);
    }

    support::TemporaryFolder directory_;
};

TEST_F(DatabaseTest, ValuesComeBackAsTheyWent) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    const std::string text = "a'b\"\0c", long_text(100'000, 'x');
    ASSERT_TRUE(
        tx.execute("INSERT INTO t VALUES ($1, $2, $3)", {text, std::int64_t{1} << 60, true}));
    ASSERT_TRUE(
        tx.execute("INSERT INTO t VALUES ($1, $2, $3)", {long_text, std::monostate{}, false}));
    const auto rows = tx.query("SELECT n, b, name FROM t ORDER BY LENGTH(name)").value();
    EXPECT_EQ(rows.at(0).integer(0), std::int64_t{1} << 60);
    EXPECT_TRUE(rows.at(0).flag(1));
    EXPECT_EQ(rows.at(0).text(2), text);
    EXPECT_TRUE(rows.at(1).is_null(0));
    EXPECT_FALSE(rows.at(1).flag(1));
    EXPECT_EQ(rows.at(1).text(2), long_text);
}

TEST_F(DatabaseTest, PlaceholdersAreBoundByNumberNotByPlace) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(tx.execute("INSERT INTO t (n, name, b) VALUES ($2, $1, $3)",
                           {std::string("x"), std::int64_t{7}, true}));
    EXPECT_EQ(tx.query_one("SELECT n FROM t WHERE name = $1 OR name = $1", {std::string("x")})
                  .value()
                  ->integer(0),
              7);
}

TEST_F(DatabaseTest, WhatIsNotCommittedIsRolledBack) {
    Database database = open_with_table();
    {
        Transaction tx = database.begin(Access::Write).value();
        ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    }
    EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, AUniqueViolationIsToldApart) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    const auto second = tx.execute("INSERT INTO t VALUES ('a', 2, TRUE)");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::NameTaken);
    EXPECT_TRUE(second.error().cause.contains("t.name"));
}

TEST_F(DatabaseTest, AReaderSeesOneStateWhateverIsWrittenMeanwhile) {
    Database database = open_with_table();
    Transaction reader = database.begin(Access::Read).value();
    EXPECT_EQ(reader.query_one("SELECT COUNT(*) FROM t").value()->integer(0), 0);
    Transaction writer = database.begin(Access::Write).value();
    ASSERT_TRUE(writer.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    ASSERT_TRUE(writer.commit());
    EXPECT_EQ(reader.query_one("SELECT COUNT(*) FROM t").value()->integer(0), 0);
    EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
    Database database = open_with_table();
    Transaction reader = database.begin(Access::Read).value();
    EXPECT_FALSE(reader.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
}

TEST_F(DatabaseTest, WritersTakeTurns) {
    Database database = open_with_table();
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&database, i] {
            for (int j = 0; j < 10; ++j) {
                Transaction tx = database.begin(Access::Write).value();
                ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ($1, 1, TRUE)",
                                       {std::to_string(i) + "/" + std::to_string(j)}));
                ASSERT_TRUE(tx.commit());
            }
        });
    }
    writers.clear();
    EXPECT_EQ(count(database), 40);
}

TEST_F(DatabaseTest, APlaceThatCannotHoldADatabaseIsASentence) {
    std::ofstream(directory_ / "file") << "x";
    const auto database = Database::open(directory_ / "file" / "test.db");
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Code::StartFailed);
    EXPECT_TRUE(database.error().message.contains("cannot be opened"));
    std::ofstream(directory_ / "no.db") << std::string(5000, 'x');
    EXPECT_EQ(Database::open(directory_ / "no.db").error().code, Code::StartFailed);
}

class MigrationTest : public DatabaseTest {
protected:
    static constexpr Migration kFirst{1, "0001_a.sql", "CREATE TABLE a (x TEXT);", "aa"};
    static constexpr Migration kSecond{2, "0002_b.sql", "CREATE TABLE b (x TEXT);", "bb"};
    const FakeClock clock_{1000};
};

TEST_F(MigrationTest, WhatIsMissingIsAppliedOnce) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst}, clock_));
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    Transaction tx = database.begin(Access::Read).value();
    EXPECT_TRUE(tx.query("SELECT x FROM b"));
    EXPECT_EQ(tx.query("SELECT number FROM migrations").value().size(), 2U);
}

TEST_F(MigrationTest, AStoreOfANewerBinaryStopsTheStart) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    const Status old = migrate(database, std::vector{kFirst}, clock_);
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, Code::StartFailed);
    EXPECT_TRUE(old.error().message.contains("newer version"));
}

TEST_F(MigrationTest, AnOldFileThatChangedStopsTheStart) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst}, clock_));
    Migration changed = kFirst;
    changed.checksum = "a2";
    const Status status = migrate(database, std::vector{changed}, clock_);
    ASSERT_FALSE(status);
    EXPECT_TRUE(status.error().message.contains("0001_a.sql"));
}

TEST_F(MigrationTest, AFailedOneLeavesTheStoreAsItWas) {
    Database database = open();
    const Migration broken{2, "0002_broken.sql", "CREATE TABLE c (x TEXT); CREATE NONSENSE;", "cc"};
    const Status status = migrate(database, std::vector{kFirst, broken}, clock_);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::StartFailed);
    Transaction tx = database.begin(Access::Read).value();
    EXPECT_FALSE(tx.query("SELECT x FROM a"));
}

}  // namespace
}  // namespace lintel::sql
