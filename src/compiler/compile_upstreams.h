// How an upstream of the store becomes one of the data plane: its settings read, its servers bound
// to the state that outlives every snapshot.
#pragma once

#include <cstdint>
#include <memory>
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

}  // namespace lintel::compiler
