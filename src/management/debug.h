// Trying an API before it is published: one request, taken through the real pipeline against the
// draft or a release, with what each phase decided.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "management/apis.h"
#include "management/management.h"

namespace lintel::management {

/// What of the pipeline a debug call is held to.
enum class Held { To, NotTo };

struct DebugRequest {
    static constexpr std::chrono::milliseconds kTimeout{30'000};
    static constexpr std::chrono::milliseconds kMaxTimeout{60'000};

    ServiceCopy copy = {};
    model::ApiId api = {};
    std::optional<std::string> environment = {};  ///< code; absent: the gateway's oldest
    std::optional<std::string> path = {};  ///< below the service; absent: that of the API, if one
    std::string query = {};                ///< as sent, without "?"
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};  ///< any bytes
    /// Of the service: signs the request, or gets the token it needs. Absent: it goes as it is.
    std::optional<model::CredentialId> credential = {};
    Held authentication = Held::To;
    Held policies = Held::To;                   ///< IP lists and limits; limits count on their own
    std::optional<std::string> client_ip = {};  ///< who calls; absent: the caller's own address
    std::chrono::milliseconds timeout = kTimeout;
};

/// Audited; the request leaves no mark in metrics, access log or limits. FieldInvalid with all
/// faults; PublishRefused when the API does not compile; DebugBusy.
Result<DebugAnswer> debug_call(Management& m, const Caller& caller, const DebugRequest& request);

}  // namespace lintel::management
