// An empty database for a test, on the engine the test is run with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "sql/database.h"
#include "support/temporary_folder.h"

namespace lintel::support {

enum class Engine { Sqlite, Postgres };

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
    return info.param == Engine::Sqlite ? "Sqlite" : "Postgres";
}

/// Role: what a test stores things in; gone at its end. On PostgreSQL it is a schema of the
/// database LINTEL_TEST_POSTGRES names (test/support/with_postgres.py).
class EmptyDatabase {
public:
    explicit EmptyDatabase(Engine engine) {
        const char* const url = std::getenv("LINTEL_TEST_POSTGRES");
        if (engine == Engine::Sqlite || url == nullptr) { return; }
        static int number = 0;
        schema_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
        whole_ = sql::Server{.url = Secret(url)};
        server_ =
            sql::Server{.url = Secret(std::string(url) + "?options=-csearch_path%3D" + schema_)};
        run("CREATE SCHEMA " + schema_);
    }
    EmptyDatabase(const EmptyDatabase&) = delete;
    EmptyDatabase& operator=(const EmptyDatabase&) = delete;
    ~EmptyDatabase() {
        if (server_) { run("DROP SCHEMA " + schema_ + " CASCADE"); }
    }

    static bool offers(Engine engine) {
        return engine == Engine::Sqlite || std::getenv("LINTEL_TEST_POSTGRES") != nullptr;
    }
    const TemporaryFolder& folder() const { return folder_; }
    /// None: it is a file in the folder.
    const std::optional<sql::Server>& server() const { return server_; }
    sql::Database open() const {
        return (server_ ? sql::Database::open(*server_)
                        : sql::Database::open(folder_ / "lintel.db"))
            .value();
    }

private:
    void run(const std::string& statement) {
        sql::Database database = sql::Database::open(*whole_).value();
        sql::Transaction tx = database.begin(sql::Access::Write).value();
        EXPECT_TRUE(tx.run_script(statement));
        EXPECT_TRUE(tx.commit());
    }

    TemporaryFolder folder_;
    std::string schema_;
    std::optional<sql::Server> whole_;
    std::optional<sql::Server> server_;
};

/// A fixture whose tests run on both engines: INSTANTIATE_TEST_SUITE_P with kEngines.
class OnBothEngines : public testing::TestWithParam<Engine> {
protected:
    void SetUp() override {
        if (!EmptyDatabase::offers(GetParam())) {
            GTEST_SKIP() << "LINTEL_TEST_POSTGRES names no database";
        }
    }
    bool is_sqlite() const { return GetParam() == Engine::Sqlite; }

    EmptyDatabase place_{GetParam()};
};

inline const auto kEngines = testing::Values(Engine::Sqlite, Engine::Postgres);

}  // namespace lintel::support
