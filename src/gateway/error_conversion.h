// Error answers of a backend, told in the words of the API: an answer whose status is in the table,
// or whose JSON body says so in its member "code", becomes what stands there for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "data/json.h"
#include "gateway/fixed_answer.h"

namespace lintel::gateway {

class Exchange;

/// Immutable; part of a route.
class ErrorConversion {
public:
    /// A longer body passes on unread.
    static constexpr std::size_t kMaxBody = 64 * 1024;

    /// From the "responses" of an api's definition; null when nothing is converted.
    static std::unique_ptr<const ErrorConversion> build(const data::Json& api);

    /// Reads the code in the body of the answer, where the status alone decides nothing. The body
    /// passes on as it was, once it is complete or too long.
    Task<void> read_code(Exchange& exchange) const;
    /// Replaces the answer in the exchange, if it is one of the table.
    void apply(Exchange& exchange) const;

private:
    struct Row {
        std::string code;    ///< the backend's
        FixedAnswer answer;  ///< with the status 0: the backend's stays
    };
    const Row* find(std::string_view code) const;
    const Row* row_for(const Exchange& exchange) const;

    std::vector<Row> rows_;
};

}  // namespace lintel::gateway
