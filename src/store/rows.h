// From the rows of a result to values.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/place.h"
#include "sql/database.h"

namespace lintel::store {

/// Each row as `read` sees it.
template <typename Read>
auto mapped(const std::vector<sql::Row>& rows, Read read) {
    std::vector<std::invoke_result_t<Read, const sql::Row&>> values;
    values.reserve(rows.size());
    for (const sql::Row& row : rows) {
        values.push_back(read(row));
    }
    return values;
}

/// The same where reading can fail; the first failure is the answer.
template <typename Read>
auto mapped_or_error(const std::vector<sql::Row>& rows, Read read)
    -> Result<std::vector<typename std::invoke_result_t<Read, const sql::Row&>::value_type>> {
    std::vector<typename std::invoke_result_t<Read, const sql::Row&>::value_type> values;
    values.reserve(rows.size());
    for (const sql::Row& row : rows) {
        ASSIGN_OR_RETURN(auto value, read(row));
        values.push_back(std::move(value));
    }
    return values;
}

/// The code of a gateway as a part of qualified names: the default one is left out.
inline std::string beside_default(std::string code) {
    return code == model::kDefaultGateway ? std::string() : std::move(code);
}

/// For queries of one column.
inline std::string first_text(const sql::Row& row) {
    return row.text(0);
}

}  // namespace lintel::store
