// What a transaction changes for callers: how a data plane learns what it must read again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace lintel::model {

struct Change {
    enum class Kind {
        Service,      ///< deployments of one service (also: the service is gone)
        Credentials,  ///< credentials and grants of one service or one user
        Domains,      ///< any of them
        Certificate,  ///< one of them; also: it is gone
        Upstreams,    ///< upstreams or their servers
        Everything,   ///< environments, or anything at start
    };
    Kind kind = Kind::Everything;
    ServiceId service_id = {};          ///< of Service and Credentials
    CertificateId certificate_id = {};  ///< of Certificate
    UserId user_id = {};                ///< of Credentials, when they are a user's

    bool operator==(const Change&) const = default;
};

std::string_view name(Change::Kind kind);  ///< "service", "everything"
std::optional<Change::Kind> parse_change_kind(std::string_view text);

}  // namespace lintel::model
