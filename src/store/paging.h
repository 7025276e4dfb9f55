// Lists page by key: the key of the last item leads to the next page, however the table changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/database.h"

namespace lintel::store {

/// Role: conditions of a list query with their values, numbered as placeholders. Lives for one
/// query.
class Where {
public:
    /// `condition` ends where the value belongs: "name = ".
    void add(std::string_view condition, sql::Value value) {
        text_ += (text_.empty() ? " WHERE " : " AND ") + std::string(condition) +
                 placeholder(std::move(value));
    }
    /// A condition without a value.
    void add(std::string_view condition) {
        text_ += (text_.empty() ? " WHERE " : " AND ") + std::string(condition);
    }
    /// A value used in a condition of its own.
    std::string placeholder(sql::Value value) {
        values_.push_back(std::move(value));
        return "$" + std::to_string(values_.size());
    }
    /// Of the rows of the table that pass, the newest. They are chosen by a query of their own: an
    /// index that holds the columns of the conditions answers it alone.
    void keep_newest(const std::string& table, int limit) {
        const std::string most = placeholder(std::int64_t{limit});
        text_ = " WHERE id IN (SELECT id FROM " + table + text_ + " ORDER BY id DESC LIMIT " +
                most + ")";
    }
    const std::string& text() const { return text_; }
    const std::vector<sql::Value>& values() const { return values_; }

private:
    std::string text_ = {};
    std::vector<sql::Value> values_ = {};
};

/// The condition that a column holds one of these ids; false when there are none.
template <typename Id>
std::string among(Where& where, std::string_view column, const std::vector<Id>& ids) {
    std::string placeholders;
    for (const Id& id : ids) {
        placeholders += (placeholders.empty() ? "" : ", ") + where.placeholder(id.str());
    }
    return ids.empty() ? "FALSE" : std::string(column) + " IN (" + placeholders + ")";
}

/// A page of a list whose keys are ids: those after `after` (empty: from the start).
struct IdPage {
    std::string after = {};
    int limit = 20;
};

}  // namespace lintel::store
