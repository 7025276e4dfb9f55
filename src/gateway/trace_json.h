// The trace of a request as a document: what each phase decided, how long it took, and why the
// request was refused. For owners, not for callers: it may hold what callers must not read.
#pragma once

#include <string>

namespace lintel::gateway {

class Exchange;

/// One JSON object: "request_id", "revision", "environment", "service", "api", "outcome",
/// "status", "total_us" and "phases", each with "name" and "verdict" (pass, refuse, skipped),
/// "start_us" and "took_us" when it ran, and what decided when it refused.
std::string trace_json(const Exchange& exchange);

}  // namespace lintel::gateway
