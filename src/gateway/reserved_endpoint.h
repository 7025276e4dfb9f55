// Addresses below "{call base}/-/" belong to the gateway itself: no API path may start with "/-/".
#pragma once

#include <string_view>

#include "async/task.h"
#include "gateway/verdict.h"

namespace lintel::gateway {

class Exchange;

/// Answers at one reserved path of every service ("/-/oauth2/token"). Runs in the authenticate
/// phase, after the service's access policies; limits do not count it. One instance serves all
/// workers, so it is immutable.
class ReservedEndpoint {
public:
    virtual ~ReservedEndpoint() = default;
    /// Relative to the service, starts with "/-/".
    virtual std::string_view path() const = 0;
    /// Fills Exchange::response, or refuses. Exchange::service says whose address was called.
    virtual Task<Verdict> answer(Exchange& exchange) const = 0;
};

}  // namespace lintel::gateway
