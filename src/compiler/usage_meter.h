// What calls used since it was read before, out of the counters of the data plane: calls cost
// nothing beyond what they cost anyway.
#pragma once

#include <cstdint>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "management/usage.h"

namespace lintel::compiler {

/// Role: reads the counters and remembers what was read. Owner: the publisher; one thread. Gateway
/// and registry outlive it.
class UsageMeter {
public:
    UsageMeter(const gateway::Gateway& gateway, const gateway::MetricsRegistry& metrics)
        : gateway_(gateway), metrics_(metrics) {}

    void add_pairs(const gateway::CredentialTable& credentials, management::Usage& usage) const;
    void add_calls(management::Usage& usage);

private:
    const gateway::Gateway& gateway_;
    const gateway::MetricsRegistry& metrics_;
    std::vector<std::uint64_t> counted_;  ///< calls of each series, by its id
};

}  // namespace lintel::compiler
