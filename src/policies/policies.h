// The policies this binary offers.
#pragma once

#include "gateway/plugin.h"

namespace lintel::policies {

/// Adds every policy, in the order of the catalogue.
void register_policies(gateway::Kinds& kinds);

}  // namespace lintel::policies
