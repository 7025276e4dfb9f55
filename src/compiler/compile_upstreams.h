// How an upstream of the store becomes one of the data plane: its settings read, its servers bound
// to the state that outlives every snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "gateway/upstream/upstream.h"
#include "gateway/upstream/upstream_registry.h"
#include "model/upstream.h"

namespace lintel::compiler {

/// FieldInvalid with faults that point into the upstream's JSON. Binds no state yet: a trial leaves
/// no trace.
Result<gateway::Upstream> compile_upstream(const model::Upstream& upstream);

/// Binds the compiled upstream to its state. `before`: the same upstream as it was, null when it is
/// new; servers that get calls now and did not then begin their slow start at `now_ms` (monotonic).
std::shared_ptr<const gateway::Upstream> bind_upstream(gateway::Upstream compiled,
                                                       const gateway::Upstream* before,
                                                       gateway::UpstreamRegistry& registry,
                                                       std::uint64_t now_ms);

/// Role: makes tables of upstreams. Remembers the versions in the last one: a change makes those
/// anew that it touches. Not thread-safe; owned by the publisher.
class UpstreamCompiler {
public:
    explicit UpstreamCompiler(gateway::UpstreamRegistry& registry) : registry_(registry) {}

    /// One that no longer compiles is left out, with a line in the log: its APIs answer 503.
    std::shared_ptr<const gateway::UpstreamTable> compile(
        const std::vector<model::Upstream>& upstreams);
    /// How many the last table was made from.
    std::size_t count() const { return versions_.size(); }

private:
    std::shared_ptr<const gateway::Upstream> compile_one(const model::Upstream& upstream,
                                                         std::uint32_t slot, std::uint64_t now_ms);

    gateway::UpstreamRegistry& registry_;
    std::map<std::string, std::int64_t> versions_;  ///< by id
    std::shared_ptr<const gateway::UpstreamTable> table_ =
        std::make_shared<const gateway::UpstreamTable>();
};

}  // namespace lintel::compiler
