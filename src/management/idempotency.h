// Remembers the answers of POST requests by their Idempotency-Key for a day, so that repeating one
// is safe.
#pragma once

#include <optional>
#include <string>

#include "management/management.h"

namespace lintel::management {

struct StoredAnswer {
    int status = 0;
    std::string body;
};

/// Claims the key for this caller. Empty: go on and call finish_request or abandon_request. An
/// answer: give that one. IdempotencyMismatch: the key was used for another request.
/// IdempotencyInProgress: the same one is being worked on.
Result<std::optional<StoredAnswer>> begin_request(Management& m, const Caller& caller,
                                                  const std::string& key,
                                                  const std::string& request_sha256);
Status finish_request(Management& m, const Caller& caller, const std::string& key,
                      const StoredAnswer& answer);
Status abandon_request(Management& m, const Caller& caller, const std::string& key);

}  // namespace lintel::management
