// What transactions changed for callers, numbered in the order of their commits, so that a process
// can follow what others do with the same store.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "model/change.h"
#include "sql/database.h"

namespace lintel::store {

/// Role: the changes of one transaction, each once. The repositories note them where they write;
/// the transaction writes them down when it commits. Lives as long as the transaction.
class ChangeNotes {
public:
    void add(model::Change change);
    const std::vector<model::Change>& all() const { return changes_; }

private:
    std::vector<model::Change> changes_;
};

/// What happened since a number, each change once.
struct News {
    std::int64_t latest = 0;  ///< the number to ask with next time
    std::vector<model::Change> changes = {};
};

class Changes {
public:
    /// So many are kept; whoever is further behind reads everything.
    static constexpr std::int64_t kKept = 1000;

    explicit Changes(sql::Transaction& tx) : tx_(tx) {}

    /// Numbers them and drops the oldest.
    Status add(const std::vector<model::Change>& changes);
    /// Everything when what happened is not known any more, or the store is an older copy.
    Result<News> after(std::int64_t number);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
