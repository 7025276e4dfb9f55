// The numbers of upstreams for a scrape.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/upstream/upstream.h"

namespace lintel::gateway {

/// Prometheus text; empty when there is no upstream. Labels are names and addresses as configured.
std::string upstream_metrics_text(const UpstreamTable& upstreams, std::uint64_t now_ms);

}  // namespace lintel::gateway
