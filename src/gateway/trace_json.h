// The trace of a request as a document: what each phase decided, how long it took, and why the
// request was refused. For owners, not for callers: it may hold what callers must not read.
#pragma once

#include <string>

namespace lintel::gateway {

class Exchange;

/// One JSON object: "request_id", "revision", "environment", "service", "api", "outcome",
/// "status", "total_us" and "phases", each with "name", "about" (a sentence) and "verdict" (pass,
/// refuse, cancel, skipped), "start_us", "took_us" and what it found when it ran, and what decided
/// when it refused.
std::string trace_json(const Exchange& exchange);

}  // namespace lintel::gateway
