// What the data plane tells of calls: when key pairs were last used, and how many calls services
// had. No change anybody follows, no event of the audit.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "model/credential.h"
#include "model/ids.h"
#include "sql/database.h"

namespace lintel::store {

/// Calls of a service in an environment, which the data plane knows by their codes.
struct CallCount {
    std::string gateway;
    std::string service;
    std::string environment;
    std::int64_t minute = 0;  ///< since 1970
    std::int64_t calls = 0;
};

class Usage {
public:
    explicit Usage(sql::Transaction& tx) : tx_(tx) {}

    /// A later time that another process has written stays. A pair that is gone is passed over.
    Status note_use(const model::CredentialId& id, model::KeyPairType type, TimeMs at);
    /// Adds to what is there of the minute. A service that is gone is passed over.
    Status add_calls(const CallCount& count);
    /// Of the service in all environments, in this minute and later.
    Result<std::int64_t> calls_since(const model::ServiceId& service, std::int64_t minute);
    /// Drops the counts of minutes before this one.
    Status forget_before(std::int64_t minute);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
