// The backends this binary offers.
#pragma once

#include <vector>

#include "gateway/plugin.h"

namespace lintel::backends {

/// In the order of the catalogue.
std::vector<gateway::BackendKind> catalogue();

}  // namespace lintel::backends
