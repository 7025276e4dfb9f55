// Settings of upstreams and breakers as they are configured, and what they mean. The contract of
// the management API (schema Upstream) and the schema of the http backend say which members there
// are; what is left out takes its default here.
#pragma once

#include "base/error.h"
#include "data/json.h"
#include "gateway/upstream/upstream.h"

namespace lintel::gateway {

/// Fills all of `upstream` that is not identity, state or servers. Faults have pointers into
/// `settings`. REQUIRES: the settings are of the right types.
Status read_upstream_settings(const data::Json& settings, Upstream& upstream);

/// {failures, percent, min_calls, window_ms, open_ms, trials, statuses}; by share when neither
/// count nor share is given. Faults have pointers into `config`.
Result<BreakerSettings> read_breaker(const data::Json& config);

/// Limits of each worker's connections to each server.
http::PoolLimits read_pool_limits(const data::Json& settings);

/// "http_version": 1.1 unless it says "2".
http::Version read_http_version(const data::Json& config);

/// The set of statuses under `name`, or `otherwise`.
Result<StatusSet> read_statuses(const data::Json& config, std::string_view name,
                                const std::vector<std::string>& otherwise);

}  // namespace lintel::gateway
