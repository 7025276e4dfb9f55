// The backends this binary offers.
#pragma once

#include "gateway/plugin.h"

namespace lintel::backends {

/// Adds every backend, in the order of the catalogue.
void register_backends(gateway::Kinds& kinds);

}  // namespace lintel::backends
