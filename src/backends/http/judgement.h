// What the end of a call means: for the caller, for the server that was called, and for trying
// again. Private to the plugin.
#pragma once

#include <memory>
#include <string>

#include "backends/http/calls.h"
#include "backends/http/outgoing.h"
#include "base/error.h"
#include "gateway/exchange.h"
#include "http/client.h"

namespace lintel::backends {

using CallResult = Result<std::unique_ptr<http::ClientAnswer>>;

/// Whether a failed call is the server's fault, and not the client's or that of our own limits.
bool is_failure_of_server(const Error& error);

/// The breaker's view: nullopt when the end says nothing about the backend.
std::optional<bool> failed_for_breaker(const CallResult& result,
                                       const gateway::BreakerSettings& settings);

/// Empty, or what to hold against the server.
std::string failure_of_server(const CallResult& result, const gateway::StatusSet& statuses);

/// Whether the request is still whole and its end one that is worth another try.
bool may_be_repeated(const CallResult& result, const Outgoing& outgoing, const RetryRules& rules);

/// Passes the answer on to the client.
void take_answer(gateway::Exchange& exchange, std::unique_ptr<http::ClientAnswer> answer);

/// The refusal of an open breaker, with the time to come back.
gateway::Verdict refuse_open(gateway::Exchange& exchange,
                             const gateway::Breaker::Admission& admission, std::string_view rule);

}  // namespace lintel::backends
