#include "sql/database.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "sql/migrations.h"
#include "support/empty_database.h"

namespace lintel::sql {
namespace {

class DatabaseTest : public support::OnBothEngines {
protected:
    Database open() { return place_.open(); }
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
};

INSTANTIATE_TEST_SUITE_P(, DatabaseTest, support::kEngines, support::engine_name);

TEST_P(DatabaseTest, ValuesComeBackAsTheyWent) {
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

TEST_P(DatabaseTest, RowsAreVisitedOneByOneUntilTheVisitorHasEnough) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(
        tx.execute("INSERT INTO t VALUES ('a', 1, TRUE), ('b', NULL, FALSE),"
                   " ('c', 3, NULL), ('d', 4, TRUE)"));
    constexpr std::string_view kOrdered = "SELECT name, n, b FROM t ORDER BY name";
    std::vector<Row> kept;
    ASSERT_TRUE(tx.each(kOrdered, {}, [&](Row& row) -> Status {
        kept.push_back(kept.size() == 1 ? row : std::move(row));  // copied or taken
        return {};
    }));
    ASSERT_EQ(kept.size(), 4U);
    EXPECT_EQ(kept[0].text(0), "a");
    EXPECT_TRUE(kept[1].is_null(1));
    EXPECT_EQ(kept[2].text(0), "c");
    EXPECT_TRUE(kept[2].is_null(2));
    EXPECT_EQ(kept[3].integer(1), 4);

    int seen = 0;
    const Status stopped = tx.each(kOrdered, {}, [&](Row&) -> Status {
        return ++seen < 2 ? Status{} : fail(Code::Internal, "enough");
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().message, "enough");
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(tx.query(kOrdered)->size(), 4U) << "the statement starts anew";
}

TEST_P(DatabaseTest, PlaceholdersAreBoundByNumberNotByPlace) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(tx.execute("INSERT INTO t (n, name, b) VALUES ($2, $1, $3)",
                           {std::string("x"), std::int64_t{7}, true}));
    EXPECT_EQ(tx.query_one("SELECT n FROM t WHERE name = $1 OR name = $1", {std::string("x")})
                  .value()
                  ->integer(0),
              7);
}

TEST_P(DatabaseTest, WhatIsNotCommittedIsRolledBack) {
    Database database = open_with_table();
    {
        Transaction tx = database.begin(Access::Write).value();
        ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    }
    EXPECT_EQ(count(database), 0);
}

TEST_P(DatabaseTest, AUniqueViolationIsToldApart) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    const auto second = tx.execute("INSERT INTO t VALUES ('a', 2, TRUE)");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::NameTaken);
    EXPECT_TRUE(second.error().cause.contains(is_sqlite() ? "t.name" : "t.t_pkey"));
}

TEST_P(DatabaseTest, AReaderSeesOneStateWhateverIsWrittenMeanwhile) {
    Database database = open_with_table();
    Transaction reader = database.begin(Access::Read).value();
    EXPECT_EQ(reader.query_one("SELECT COUNT(*) FROM t").value()->integer(0), 0);
    Transaction writer = database.begin(Access::Write).value();
    ASSERT_TRUE(writer.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    ASSERT_TRUE(writer.commit());
    EXPECT_EQ(reader.query_one("SELECT COUNT(*) FROM t").value()->integer(0), 0);
    EXPECT_EQ(count(database), 1);
}

TEST_P(DatabaseTest, AReaderCannotWrite) {
    Database database = open_with_table();
    Transaction reader = database.begin(Access::Read).value();
    EXPECT_FALSE(reader.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
}

TEST_P(DatabaseTest, WritersTakeTurns) {
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

TEST_P(DatabaseTest, AFailedStatementTakesTheWholeTransactionWithIt) {
    Database database = open_with_table();
    {
        Transaction tx = database.begin(Access::Write).value();
        ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
        EXPECT_EQ(tx.execute("INSERT INTO nothing VALUES (1)").error().code, Code::Internal);
    }
    EXPECT_EQ(count(database), 0);
    Transaction tx = database.begin(Access::Write).value();
    ASSERT_TRUE(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE)"));
    EXPECT_TRUE(tx.commit());
}

TEST_P(DatabaseTest, TextsCompareByBytes) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    for (const char* name : {"b", "_", "B", "a", "\u00e4"}) {
        ASSERT_TRUE(tx.execute("INSERT INTO t (name) VALUES ($1)", {std::string(name)}));
    }
    std::string order;
    for (const Row& row : tx.query("SELECT name FROM t ORDER BY name").value()) {
        order += row.text(0);
    }
    EXPECT_EQ(order, "B_ab\u00e4");
    EXPECT_EQ(tx.query("SELECT 1 FROM t WHERE LOWER(name) LIKE 'b'").value().size(), 2U);
}

TEST_P(DatabaseTest, ManyStatementsOutlastTheCacheOfThem) {
    Database database = open_with_table();
    for (int round = 0; round < 2; ++round) {
        Transaction tx = database.begin(Access::Write).value();
        for (int i = 0; i < 450; ++i) {
            const auto row = tx.query_one("SELECT " + std::to_string(i)).value();
            ASSERT_EQ(row->integer(0), i);
        }
    }
}

TEST_P(DatabaseTest, ChangedRowsAreCounted) {
    Database database = open_with_table();
    Transaction tx = database.begin(Access::Write).value();
    EXPECT_EQ(tx.execute("INSERT INTO t VALUES ('a', 1, TRUE), ('b', 1, TRUE)").value(), 2);
    EXPECT_EQ(tx.execute("UPDATE t SET n = 2 WHERE name = $1", {std::string("b")}).value(), 1);
    EXPECT_EQ(tx.execute("DELETE FROM t WHERE name = $1", {std::string("c")}).value(), 0);
}

TEST_P(DatabaseTest, TwoPrograms) {
    // Each Database is what another process would have.
    Database one = open_with_table();
    Database other = open();
    std::vector<std::jthread> writers;
    for (Database* database : {&one, &other}) {
        writers.emplace_back([database] {
            for (int i = 0; i < 20; ++i) {
                Transaction tx = database->begin(Access::Write).value();
                const auto rows = tx.query_one("SELECT COUNT(*) FROM t").value()->integer(0);
                ASSERT_TRUE(tx.execute("INSERT INTO t (name) VALUES ($1)", {std::to_string(rows)}))
                    << "what was read has changed before it was written";
                ASSERT_TRUE(tx.commit());
            }
        });
    }
    writers.clear();
    EXPECT_EQ(count(one), 40);
}

TEST_P(DatabaseTest, AListenerHearsOfACommitElsewhere) {
    Database database = open_with_table();
    Database other = open();
    const std::unique_ptr<Listener> listener = database.listen();
    ASSERT_EQ(listener == nullptr, is_sqlite()) << "nobody else writes to a file";
    if (listener == nullptr) { return; }
    constexpr std::chrono::seconds kTooLong{30};
    listener->wait(kTooLong);  // it is listening from now on
    Transaction tx = other.begin(Access::Write).value();
    ASSERT_TRUE(tx.notify());
    ASSERT_TRUE(tx.commit());
    const auto started = std::chrono::steady_clock::now();
    listener->wait(kTooLong);
    listener->interrupt();
    listener->wait(kTooLong);
    EXPECT_LT(std::chrono::steady_clock::now() - started, kTooLong);
}

TEST(SqliteFile, APlaceThatCannotHoldADatabaseIsASentence) {
    const support::TemporaryFolder directory;
    std::ofstream(directory / "file") << "x";
    const auto database = Database::open(directory / "file" / "test.db");
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Code::StartFailed);
    EXPECT_TRUE(database.error().message.contains("cannot be opened"));
    std::ofstream(directory / "no.db") << std::string(5000, 'x');
    EXPECT_EQ(Database::open(directory / "no.db").error().code, Code::StartFailed);
}

TEST(PostgresServer, AServerThatIsNotThereIsASentenceWithoutThePassword) {
    const auto database =
        Database::open(Server{.url = Secret("postgres://ann:hush@127.0.0.1:1/lintel")});
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, Code::StartFailed);
    EXPECT_TRUE(database.error().message.contains("postgres://ann:[redacted]@127.0.0.1:1/lintel"));
    EXPECT_TRUE(database.error().message.contains("Connection refused"));
    EXPECT_FALSE(database.error().message.contains("hush"));
    EXPECT_FALSE(database.error().cause.contains("hush"));
}

TEST(ServerUrl, IsCheckedAndShownWithoutPasswords) {
    EXPECT_TRUE(check_url("postgresql://db/lintel?sslmode=verify-full"));
    EXPECT_TRUE(check_url("postgres:///lintel"));
    for (const char* wrong : {"", "db", "mysql://db/x", "postgres://db/x?nonsense=1",
                              "postgres://u:100%@db/x", "host=db password=hush"}) {
        EXPECT_FALSE(check_url(wrong)) << wrong;
    }
    const std::pair<const char*, const char*> shown[] = {
        {"postgres://db:5432/lintel", "postgres://db:5432/lintel"},
        {"postgres://ann@db/lintel", "postgres://ann@db/lintel"},
        {"postgres://ann:hush@db/lintel", "postgres://ann:[redacted]@db/lintel"},
        {"postgres://ann:hu@sh@db:1/lintel", "postgres://ann:[redacted]@db:1/lintel"},
        {"postgres://db/x?user=a&password=hush&sslpassword=hush",
         "postgres://db/x?user=a&password=[redacted]&sslpassword=[redacted]"},
    };
    for (const auto& [url, text] : shown) {
        EXPECT_EQ(shown_url(url), text);
    }
}

class MigrationTest : public DatabaseTest {
protected:
    inline static const Migration kFirst{1, "0001_a.sql", "CREATE TABLE a (x TEXT);", "aa"};
    inline static const Migration kSecond{2, "0002_b.sql", "CREATE TABLE b (x TEXT);", "bb"};
    const FakeClock clock_{1000};
};

INSTANTIATE_TEST_SUITE_P(, MigrationTest, support::kEngines, support::engine_name);

TEST_P(MigrationTest, WhatIsMissingIsAppliedOnce) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst}, clock_));
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    Transaction tx = database.begin(Access::Read).value();
    EXPECT_TRUE(tx.query("SELECT x FROM b"));
    EXPECT_EQ(tx.query("SELECT number FROM migrations").value().size(), 2U);
}

TEST_P(MigrationTest, TwoProgramsThatStartAtOnceApplyThemOnce) {
    std::vector<std::jthread> starting;
    for (int i = 0; i < 3; ++i) {
        starting.emplace_back([this] {
            Database database = open();
            const Status done = migrate(database, std::vector{kFirst, kSecond}, clock_);
            EXPECT_TRUE(done) << done.error().message << done.error().cause;
        });
    }
    starting.clear();
    Database database = open();
    Transaction tx = database.begin(Access::Read).value();
    EXPECT_EQ(tx.query("SELECT number FROM migrations").value().size(), 2U);
}

TEST_P(MigrationTest, AStoreOfANewerBinaryStopsTheStart) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst, kSecond}, clock_));
    const Status old = migrate(database, std::vector{kFirst}, clock_);
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, Code::StartFailed);
    EXPECT_TRUE(old.error().message.contains("newer version"));
}

TEST_P(MigrationTest, AnOldFileThatChangedStopsTheStart) {
    Database database = open();
    ASSERT_TRUE(migrate(database, std::vector{kFirst}, clock_));
    Migration changed = kFirst;
    changed.checksum = "a2";
    const Status status = migrate(database, std::vector{changed}, clock_);
    ASSERT_FALSE(status);
    EXPECT_TRUE(status.error().message.contains("0001_a.sql"));
}

TEST_P(MigrationTest, AFailedOneLeavesTheStoreAsItWas) {
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
