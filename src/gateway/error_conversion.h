// Error answers of a backend, told in the words of the API: an answer with a status of the table
// becomes the one that stands there for it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "data/json.h"
#include "gateway/fixed_answer.h"

namespace lintel::gateway {

class Exchange;

/// Immutable; part of a route.
class ErrorConversion {
public:
    /// From the "responses" of an api's definition; null when nothing is converted.
    static std::unique_ptr<const ErrorConversion> build(const data::Json& api);

    /// Replaces the answer in the exchange, if it is one of the table.
    void apply(Exchange& exchange) const;

private:
    std::vector<std::pair<int, FixedAnswer>> by_status_;
};

}  // namespace lintel::gateway
